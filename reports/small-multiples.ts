import type { Chart, ChartOptions, Plugin } from 'chart.js';
import { fontOf, penOf } from './pen.js';

/** An axis. */
export type Scale = NonNullable<NonNullable<ChartOptions['scales']>[string]>;

/** A grid of small charts in one: those of a row share a y axis, those of a column an x axis. */
interface Grid {
  columns: number;
  rows: number;
}

/** The most that still leaves each chart wide enough for its ticks. */
const MOST_COLUMNS = 5;
/** At most; a longer title is set smaller. */
const TITLE_SIZE = 11.5;
const TITLE_MARGIN = 5;
const BORDER = '#bbb';

export function gridFor(charts: number): Grid {
  const columns = Math.min(MOST_COLUMNS, Math.ceil(Math.sqrt(charts)));
  return { columns, rows: Math.ceil(charts / columns) };
}

/** The axes of the chart at an index, row by row from above. */
export const axesAt = ({ columns }: Grid, index: number): { xAxisID: string; yAxisID: string } => ({
  xAxisID: `x${index % columns}`,
  yAxisID: `y${Math.floor(index / columns)}`,
});

/** All axes of the grid, alike. */
export function gridScales({ columns, rows }: Grid, x: Scale, y: Scale): NonNullable<ChartOptions['scales']> {
  const stacked = (axis: 'x' | 'y', count: number, scale: Scale): [string, Scale][] =>
    Array.from({ length: count }, (_, index) => [
      `${axis}${index}`,
      // A stack of y axes begins below.
      { ...scale, axis, position: axis === 'x' ? 'bottom' : 'left', stack: axis, weight: axis === 'x' ? index : count - index },
    ]);
  return Object.fromEntries([...stacked('x', columns, x), ...stacked('y', rows, y)]);
}

/** Room left of and below the charts, in CSS pixels, for the titles of their axes. */
export const AXIS_TITLE_ROOM = 18;
const AXIS_TITLE_SIZE = 12;

/** Frames each small chart, writes its title into it, and the titles of all x and y axes once below and beside them. */
export function gridTitles(grid: Grid, titles: readonly string[], axes: Readonly<Record<'x' | 'y', string>>): Plugin {
  return {
    id: 'gridTitles',
    afterDatasetsDraw: (chart) => {
      titles.forEach((title, index) => drawTitle(chart, title, axesAt(grid, index)));
      drawAxisTitles(chart, axes);
    },
  };
}

function drawAxisTitles(chart: Chart, { x, y }: Readonly<Record<'x' | 'y', string>>): void {
  const { left, right, top, bottom } = chart.chartArea;
  const pen = penOf(chart);
  pen.save();
  pen.font = fontOf(chart, AXIS_TITLE_SIZE);
  pen.fillStyle = '#222';
  pen.textAlign = 'center';
  pen.textBaseline = 'bottom';
  pen.fillText(x, (left + right) / 2, chart.height - AXIS_TITLE_SIZE / 2);
  pen.translate(AXIS_TITLE_SIZE / 2, (top + bottom) / 2);
  pen.rotate(-Math.PI / 2);
  pen.textBaseline = 'top';
  pen.fillText(y, 0, 0);
  pen.restore();
}

function drawTitle(chart: Chart, title: string, { xAxisID, yAxisID }: ReturnType<typeof axesAt>): void {
  const { left = NaN, right = NaN } = chart.scales[xAxisID] ?? {};
  const { top = NaN, bottom = NaN } = chart.scales[yAxisID] ?? {};
  const pen = penOf(chart);
  pen.save();
  pen.beginPath();
  pen.rect(left, top, right - left, bottom - top);
  pen.strokeStyle = BORDER;
  pen.lineWidth = 1;
  pen.stroke();
  pen.font = fontOf(chart, TITLE_SIZE, 'bold');
  const share = (right - left - 2 * TITLE_MARGIN) / pen.measureText(title).width;
  if (share < 1) pen.font = fontOf(chart, share * TITLE_SIZE, 'bold');
  pen.textAlign = 'right';
  pen.textBaseline = 'top';
  pen.strokeStyle = 'white';
  pen.lineWidth = 3;
  pen.strokeText(title, right - TITLE_MARGIN, top + 4);
  pen.fillStyle = '#222';
  pen.fillText(title, right - TITLE_MARGIN, top + 4);
  pen.restore();
}
