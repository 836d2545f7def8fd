import type { Chart, Element, Plugin } from 'chart.js';
import { fixed } from '../engine/quantities.js';
import { ON_WHITE } from './chart-style.js';
import { fontOf, penOf, type Pen } from './pen.js';

/** One dot with the single seeds behind it, in the unit of the axis it is measured on. */
export interface Spread {
  mean: number;
  /** null for a single seed: no error bar. */
  std: number | null;
  seeds: number[];
}

/** From x, y to x, y, in pixels. */
type Line = readonly [number, number, number, number];

interface Stroke {
  ink: string;
  /** Of the line underneath, which keeps the ink visible on a bar; none where absent. */
  halo?: string;
  dash?: number[];
}

const LINE_WIDTH = 1.5;
const HALO_WIDTH = 3.5;
const CAP_WIDTH = 8;
/** Of a seed's dot, and of a mean's. */
const SEED_RADIUS = 2;
const MEAN_RADIUS = 4.5;
/** Of the figures beside bars, in CSS pixels. */
const FIGURE_SIZE = 11;
const FIGURE_GAP = 8;

/** By dataset, then by index in it; null where there is nothing to draw. */
type Spreads = readonly (readonly (Spread | null)[])[];

/** Draws each mean as a dot with ± std as a whisker, the single seeds as small dots, and the figures right of the chart. */
export function rowSpreads(spreads: Spreads, colours: readonly string[], { ink, ground } = ON_WHITE): Plugin {
  return {
    id: 'rowSpreads',
    afterDatasetsDraw: (chart) =>
      forEachSpread(chart, spreads, ({ y }, spread, dataset) => {
        const colour = colours[dataset] ?? ink;
        drawWhisker(chart, 'x', y, spread, { ink: colour, halo: ground });
        if (spread.seeds.length > 1) drawDots(chart, y, spread.seeds, SEED_RADIUS, { ink: colour, halo: ground });
        drawDots(chart, y, [spread.mean], MEAN_RADIUS, { ink: ground, halo: colour });
        drawFigures(chart, y, spread, ink);
      }),
  };
}

/** Draws mean ± std as a whisker under each point, which stays legible over it. */
export function pointWhiskers(spreads: Spreads, { faintInk } = ON_WHITE): Plugin {
  return {
    id: 'pointWhiskers',
    beforeDatasetsDraw: (chart) => forEachSpread(chart, spreads, ({ x }, spread) => drawWhisker(chart, 'y', x, spread, { ink: faintInk })),
  };
}

function forEachSpread(chart: Chart, spreads: Spreads, draw: (element: Element, spread: Spread, dataset: number) => void): void {
  spreads.forEach((series, dataset) => {
    const elements = chart.getDatasetMeta(dataset).data;
    series.forEach((spread, index) => {
      const element = elements[index];
      if (spread !== null && element !== undefined) draw(element, spread, dataset);
    });
  });
}

/** Draws dashed lines over the chart's whole height, at values of its x axis. */
export function levelLines(levels: readonly number[], dash: number[], { ink, ground } = ON_WHITE): Plugin {
  return {
    id: 'levelLines',
    afterDatasetsDraw: (chart) => {
      const { top, height } = chart.chartArea;
      for (const level of levels) {
        const x = pixelOf(chart, 'x', level);
        drawLines(chart, [[x, top, x, top + height]], { ink, halo: ground, dash });
      }
    },
  };
}

/** Along an axis, at a pixel of the other. */
function drawWhisker(chart: Chart, axis: 'x' | 'y', across: number, { mean, std }: Spread, style: Stroke): void {
  if (std === null) return;
  const [low, high] = [pixelOf(chart, axis, mean - std), pixelOf(chart, axis, mean + std)];
  const line = (from: number, sideFrom: number, to: number, sideTo: number): Line =>
    axis === 'x' ? [from, sideFrom, to, sideTo] : [sideFrom, from, sideTo, to];
  const cap = (at: number): Line => line(at, across - CAP_WIDTH / 2, at, across + CAP_WIDTH / 2);
  drawLines(chart, [cap(low), line(low, across, high, across), cap(high)], style);
}

/** Inside the chart's area only: a whisker may reach beyond 100 %, and must not cross the titles there. */
function drawLines(chart: Chart, lines: readonly Line[], style: Stroke): void {
  const pen = penOf(chart);
  const { left, top, width, height } = chart.chartArea;
  pen.save();
  pen.beginPath();
  pen.rect(left, top, width, height);
  pen.clip();
  pen.setLineDash(style.dash ?? []);
  pen.beginPath();
  for (const [fromX, fromY, toX, toY] of lines) {
    pen.moveTo(fromX, fromY);
    pen.lineTo(toX, toY);
  }
  if (style.halo !== undefined) strokeWith(pen, style.halo, HALO_WIDTH);
  strokeWith(pen, style.ink, LINE_WIDTH);
  pen.restore();
}

function strokeWith(pen: Pen, style: string, width: number): void {
  pen.strokeStyle = style;
  pen.lineWidth = width;
  pen.stroke();
}

/** Filled with the halo's colour. */
function drawDots(
  chart: Chart,
  y: number,
  values: readonly number[],
  radius: number,
  { ink, halo }: Required<Pick<Stroke, 'ink' | 'halo'>>,
): void {
  const pen = penOf(chart);
  pen.save();
  pen.fillStyle = halo;
  for (const value of values) {
    pen.beginPath();
    pen.arc(pixelOf(chart, 'x', value), y, radius, 0, 2 * Math.PI);
    pen.fill();
    strokeWith(pen, ink, 1);
  }
  pen.restore();
}

function drawFigures(chart: Chart, y: number, { mean, std }: Spread, ink: string): void {
  const pen = penOf(chart);
  pen.save();
  pen.fillStyle = ink;
  pen.font = fontOf(chart, FIGURE_SIZE);
  pen.textAlign = 'left';
  pen.textBaseline = 'middle';
  pen.fillText(fixed(mean, 1) + (std === null ? '' : ` ± ${fixed(std, 1)}`), chart.chartArea.right + FIGURE_GAP, y);
  pen.restore();
}

function pixelOf(chart: Chart, axis: 'x' | 'y', value: number): number {
  return chart.scales[axis]?.getPixelForValue(value) ?? NaN;
}
