import type { ChartConfiguration, ChartDataset } from 'chart.js';
import { logAxis, ratioOf } from '../../axes.js';
import { axisTitle, lookAt, ON_WHITE, type Theme } from '../../chart-style.js';
import { LOSS, type Point } from '../../curves.js';
import type { Group } from '../../groups.js';
import { mean, sampleStd } from '../../../statistics/moments.js';
import type { Curve } from '../run-data.js';

/** A curve that can be drawn: a cell's, or the mean of a group's seeds. */
export interface Series {
  label: string;
  /** Place of its group, which gives the colour. */
  index: number;
  points: Point[];
  /** A cell's line is thinner than a group's. */
  isCell?: boolean;
  /** Of a mean over several seeds, one sample standard deviation either way. */
  band?: { low: Point[]; high: Point[] };
}

/** From this ratio of longest to shortest curve on, the axis of forward passes is logarithmic. */
const LOG_RATIO = 20;
const DASHES = [[], [8, 4], [2, 3], [8, 3, 2, 3]];
const DASH_GLYPHS = ['━', '╍', '┅', '┉'];
/** Of a band's colour, in hexadecimal. */
const BAND_ALPHA = '30';

export const pointsOf = ({ forwards, loss }: Curve): Point[] => forwards.map((x, index) => ({ x, y: loss[index] ?? NaN }));

/** Mean over seeds, whose curves were thinned alike; as long as the shortest. */
export function meanSeries(label: string, index: number, curves: readonly Curve[]): Series {
  const length = Math.min(...curves.map(({ loss }) => loss.length));
  const rows = Array.from({ length }, (_, step) => {
    const losses = curves.map(({ loss }) => loss[step] ?? NaN);
    const x = mean(curves.map(({ forwards }) => forwards[step] ?? NaN));
    return { x, y: mean(losses), std: sampleStd(losses) ?? 0 };
  });
  const shifted = (sign: number): Point[] => rows.map(({ x, y, std }) => ({ x, y: y + sign * std }));
  const line = { label, index, points: shifted(0) };
  return curves.length > 1 ? { ...line, band: { low: shifted(-1), high: shifted(1) } } : line;
}

/** Training loss against forward passes, a line per series. */
export function lossConfiguration(series: readonly Series[], objective: Group['objective'], theme: Theme): ChartConfiguration<'line'> {
  const ends = series.map(({ points }) => points.at(-1)?.x ?? 1);
  const xs = series.flatMap(({ points }) => points.map(({ x }) => x));
  const axis = series.length > 0 && ratioOf(ends) >= LOG_RATIO ? logAxis(xs) : ({ type: 'linear' } as const);
  return {
    type: 'line',
    data: { datasets: series.flatMap((each) => datasets(each, theme)) },
    options: {
      parsing: false,
      interaction: { mode: 'nearest', intersect: false },
      layout: { padding: { right: 12 } },
      scales: { x: { ...axis, title: axisTitle('forward passes') }, y: { title: axisTitle(LOSS[objective]) } },
      plugins: { tooltip: { filter: ({ dataset }) => dataset.label !== '' } },
    },
  };
}

function datasets({ label, index, points, isCell = false, band }: Series, theme: Theme): ChartDataset<'line', Point[]>[] {
  const { colour } = lookAt(index, theme);
  const line = {
    borderColor: colour,
    backgroundColor: colour,
    borderDash: dashOf(index),
    borderWidth: isCell ? 1 : 2.5,
    // A line of one point would be invisible.
    pointRadius: points.length === 1 ? 3 : 0,
  };
  const edge = { label: '', borderWidth: 0, pointRadius: 0, backgroundColor: colour + BAND_ALPHA };
  const shade = band
    ? [
        { ...edge, data: band.low },
        { ...edge, data: band.high, fill: '-1' },
      ]
    : [];
  return [{ label, data: points, ...line }, ...shade];
}

/** A line as a list shows it. */
export const glyphOf = (index: number): string => pickDash(DASH_GLYPHS, index) ?? '';

const dashOf = (index: number): number[] => pickDash(DASHES, index) ?? [];

/** Lines that share a colour differ in their dash. */
function pickDash<T>(dashes: readonly T[], index: number): T | undefined {
  return dashes[Math.floor(index / ON_WHITE.colours.length) % dashes.length];
}
