import type { Chart, Element, Plugin } from 'chart.js';

/** One bar or point with the single seeds behind it, in the y axis's unit. */
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
  /** Of the white line underneath, which keeps the ink visible on a dark bar; 0 for none. */
  haloWidth: number;
  dash?: number[];
}

/** The part of a 2D canvas context that is drawn with; its full type would need the browser's type library. */
interface Pen {
  fillStyle: string;
  strokeStyle: string;
  lineWidth: number;
  save(): void;
  restore(): void;
  beginPath(): void;
  rect(x: number, y: number, width: number, height: number): void;
  clip(): void;
  setLineDash(lengths: number[]): void;
  moveTo(x: number, y: number): void;
  lineTo(x: number, y: number): void;
  arc(x: number, y: number, radius: number, from: number, to: number): void;
  stroke(): void;
  fill(): void;
}

const INK = '#222';
const FAINT_INK = '#888';
const LINE_WIDTH = 1.5;
const HALO_WIDTH = 3.5;
const CAP_WIDTH = 8;
const DOT_SPACING = 6;

/** By dataset, then by index in it; null where there is nothing to draw. */
type Spreads = readonly (readonly (Spread | null)[])[];

/** Draws mean ± std as a whisker over each bar, and the single seeds side by side. */
export function barSpreads(spreads: Spreads): Plugin {
  return {
    id: 'barSpreads',
    afterDatasetsDraw: (chart) =>
      forEachSpread(chart, spreads, (bar: Element & { width?: number }, spread) => {
        drawWhisker(chart, bar.x, spread, { ink: INK, haloWidth: HALO_WIDTH });
        drawDots(chart, bar.x, bar.width ?? 0, spread.seeds);
      }),
  };
}

/** Draws mean ± std as a whisker under each point, which stays legible over it. */
export function pointWhiskers(spreads: Spreads): Plugin {
  return {
    id: 'pointWhiskers',
    beforeDatasetsDraw: (chart) =>
      forEachSpread(chart, spreads, (point, spread) => drawWhisker(chart, point.x, spread, { ink: FAINT_INK, haloWidth: 0 })),
  };
}

function forEachSpread(chart: Chart, spreads: Spreads, draw: (element: Element, spread: Spread) => void): void {
  spreads.forEach((series, dataset) => {
    const elements = chart.getDatasetMeta(dataset).data;
    series.forEach((spread, index) => {
      const element = elements[index];
      if (spread !== null && element !== undefined) draw(element, spread);
    });
  });
}

/**
 * Draws a dashed level across each category of the x axis.
 * @param levels In the y axis's unit, by category.
 */
export function categoryLevels(levels: readonly number[], dash: number[]): Plugin {
  return {
    id: 'categoryLevels',
    afterDatasetsDraw: (chart) => {
      const { left, width } = chart.chartArea;
      const edge = (category: number): number => left + (category * width) / levels.length;
      levels.forEach((level, category) => {
        const y = yPixel(chart, level);
        drawLines(chart, [[edge(category), y, edge(category + 1), y]], { ink: INK, haloWidth: HALO_WIDTH, dash });
      });
    },
  };
}

function drawWhisker(chart: Chart, x: number, { mean, std }: Spread, style: Stroke): void {
  if (std === null) return;
  const [bottom, top] = [yPixel(chart, mean - std), yPixel(chart, mean + std)];
  const cap = (y: number): Line => [x - CAP_WIDTH / 2, y, x + CAP_WIDTH / 2, y];
  drawLines(chart, [cap(bottom), [x, bottom, x, top], cap(top)], style);
}

/** Inside the chart's area only: a whisker may reach beyond 100 %, and must not cross the titles there. */
function drawLines({ ctx, chartArea }: Chart, lines: readonly Line[], style: Stroke): void {
  const pen = ctx as Pen;
  pen.save();
  pen.beginPath();
  pen.rect(chartArea.left, chartArea.top, chartArea.width, chartArea.height);
  pen.clip();
  pen.setLineDash(style.dash ?? []);
  pen.beginPath();
  for (const [fromX, fromY, toX, toY] of lines) {
    pen.moveTo(fromX, fromY);
    pen.lineTo(toX, toY);
  }
  if (style.haloWidth > 0) strokeWith(pen, 'white', style.haloWidth);
  strokeWith(pen, style.ink, LINE_WIDTH);
  pen.restore();
}

function strokeWith(pen: Pen, style: string, width: number): void {
  pen.strokeStyle = style;
  pen.lineWidth = width;
  pen.stroke();
}

/** Side by side in the right half of the bar, clear of the whisker. */
function drawDots(chart: Chart, x: number, barWidth: number, seeds: number[]): void {
  const pen = chart.ctx as Pen;
  const spacing = Math.min(DOT_SPACING, barWidth / 2 / seeds.length);
  const first = x + barWidth / 4 - ((seeds.length - 1) / 2) * spacing;
  pen.save();
  pen.fillStyle = 'white';
  seeds.forEach((value, index) => {
    pen.beginPath();
    pen.arc(first + index * spacing, yPixel(chart, value), dotRadius(spacing), 0, 2 * Math.PI);
    pen.fill();
    strokeWith(pen, INK, 1);
  });
  pen.restore();
}

function dotRadius(spacing: number): number {
  return Math.min(2.5, Math.max(1.2, spacing / 2));
}

function yPixel(chart: Chart, value: number): number {
  return chart.scales.y?.getPixelForValue(value) ?? NaN;
}
