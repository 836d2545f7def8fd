import { join } from 'node:path';
import { makeFolder } from '../../engine/make-folder.js';
import type { Chart, ChartConfiguration, Plugin } from 'chart.js';
import { readText } from '../../engine/index.js';
import { percent } from '../../engine/quantities.js';
import { writeChart } from '../chart-render.js';
import { axisTitle, chartOptions, lookAt } from '../chart-style.js';
import { shortName } from '../panels.js';
import { fontOf, penOf } from '../pen.js';
import type { Comparison, Difference } from './comparison.js';
import { taskText } from './pairs.js';

/** A line of the plot: one difference with its interval. */
interface Line {
  readonly label: string;
  readonly difference: Difference;
  readonly colour: string;
  /** Of all cells rather than of one. */
  readonly overall: boolean;
}

/** CSS pixels. */
const LINE_HEIGHT = 20;
const FRAME_HEIGHT = 150;
const BAR_THICKNESS = 3;
const DOT_RADIUS = { overall: 5.5, cell: 3.5 };
const FIGURES_WIDTH = 130;
/** Of a letter of a label, on average, generously. */
const LETTER_WIDTH = 6.5;
const INK = '#222';

/** Draws every difference with its interval into the run folder's plots, as compare.png and compare.svg; gives the latter. */
export function writeComparisonPlot(folder: string, comparisons: readonly Comparison[]): string {
  const chart = comparisonChart(comparisons);
  makeFolder(join(folder, 'plots'));
  writeChart(join(folder, 'plots'), 'compare', chart);
  return readText(join(folder, 'plots', 'compare.svg'));
}

/** A forest plot: for each comparison a line for all cells, and one for each cell where there are several. */
export function comparisonChart(comparisons: readonly Comparison[]): ChartConfiguration {
  const lines = comparisons.flatMap(linesOf);
  const ends = lines.flatMap(({ difference }) => endsOf(difference));
  const outermost = Math.max(1, ...ends.map(Math.abs).filter(Number.isFinite));
  return {
    type: 'bar',
    data: {
      labels: lines.map(({ label }) => label),
      datasets: [
        {
          data: lines.map(({ difference }) => endsOf(difference)),
          backgroundColor: lines.map(({ colour }) => colour),
          borderSkipped: false,
          barThickness: BAR_THICKNESS,
        },
      ],
    },
    options: {
      ...chartOptions({
        title: 'Test accuracy of the candidate minus the baseline',
        subtitle: [`${coverageText(lines)}; right of zero the candidate is better`],
        legend: [],
        height: FRAME_HEIGHT + LINE_HEIGHT * lines.length,
        paddingRight: FIGURES_WIDTH,
        swatchWidth: 0,
        scales: {
          x: { title: axisTitle('difference (percentage points)'), suggestedMin: -outermost, suggestedMax: outermost },
          y: {
            grid: { display: false },
            ticks: { autoSkip: false, font: { size: 12 } },
            afterFit: (axis) => (axis.width = widthOf(lines)),
          },
        },
      }),
      indexAxis: 'y',
    },
    plugins: [zeroLine(), dotsAndFigures(lines)],
  };
}

function linesOf({ candidate, baseline, difference, cells }: Comparison, index: number): Line[] {
  const { colour } = lookAt(index);
  const names = `${shortName(candidate)} − ${shortName(baseline)}`;
  const [only] = cells;
  if (cells.length === 1 && only) return [{ label: `${names}, ${cellLabel(only)}`, difference, colour, overall: true }];
  const single = cells.map((cell) => ({ label: cellLabel(cell), difference: cell.difference, colour, overall: false }));
  return [{ label: `${names}, all ${cells.length} cells`, difference, colour, overall: true }, ...single];
}

const cellLabel = ({ cell }: Comparison['cells'][number]): string => `${shortName(cell.model)} ${taskText(cell)} ${cell.scheme}`;

/** Room for the labels, of which Chart.js would cut what is beyond a quarter of the plot. */
const widthOf = (lines: readonly Line[]): number => 16 + LETTER_WIDTH * Math.max(...lines.map(({ label }) => label.length));

/** In percentage points; the mean twice where there is no interval. */
function endsOf({ mean, interval }: Difference): [number, number] {
  const [low, high] = interval ?? [mean, mean];
  return [100 * low, 100 * high];
}

function coverageText(lines: readonly Line[]): string {
  const covered = [...new Set(lines.flatMap(({ difference }) => (difference.interval ? [difference.covers] : [])))];
  return covered.length > 0
    ? `95 % paired bootstrap intervals over ${covered.join(', or ')}`
    : 'no intervals: one seed, answers not recorded';
}

function zeroLine(): Plugin {
  return {
    id: 'zeroLine',
    beforeDatasetsDraw: (chart) => {
      const pen = penOf(chart);
      const x = pixelOf(chart, 0);
      pen.save();
      pen.beginPath();
      pen.moveTo(x, chart.chartArea.top);
      pen.lineTo(x, chart.chartArea.bottom);
      pen.strokeStyle = INK;
      pen.lineWidth = 1.5;
      pen.stroke();
      pen.restore();
    },
  };
}

function dotsAndFigures(lines: readonly Line[]): Plugin {
  return {
    id: 'dotsAndFigures',
    afterDatasetsDraw: (chart) => lines.forEach((line, index) => drawLine(chart, line, index)),
  };
}

function drawLine(chart: Chart, { difference, colour, overall }: Line, index: number): void {
  if (Number.isNaN(difference.mean)) return;
  const y = chart.scales.y?.getPixelForValue(index) ?? NaN;
  const pen = penOf(chart);
  pen.save();
  pen.beginPath();
  pen.arc(pixelOf(chart, 100 * difference.mean), y, overall ? DOT_RADIUS.overall : DOT_RADIUS.cell, 0, 2 * Math.PI);
  pen.fillStyle = colour;
  pen.fill();
  pen.strokeStyle = 'white';
  pen.lineWidth = 1;
  pen.stroke();
  pen.fillStyle = INK;
  pen.font = fontOf(chart, 11, overall ? 'bold' : 'normal');
  pen.textAlign = 'left';
  pen.textBaseline = 'middle';
  pen.fillText(figures(difference), chart.chartArea.right + 8, y);
  pen.restore();
}

function figures({ mean, interval }: Difference): string {
  const text = (share: number): string => percent(share).replace('-', '−');
  return text(mean) + (interval === null ? '' : `  [${interval.map(text).join(', ')}]`);
}

const pixelOf = (chart: Chart, value: number): number => chart.scales.x?.getPixelForValue(value) ?? NaN;
