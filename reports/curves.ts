import { partition, type Group } from './groups.js';
import type { CellSettings } from '../records/record.js';
import { mean } from '../statistics/moments.js';

/** Share of a curve's points averaged into one drawn point. */
export const WINDOW = 0.1;

/** What a step's loss is, as an axis names it. */
export const LOSS: Readonly<Record<CellSettings['objective'], string>> = {
  'cross-entropy': 'Training loss (nats)',
  accuracy: 'Training loss (minus the accuracy on the batch)',
  f1: 'Training loss (minus the macro F1 on the batch)',
};

/** Forward passes spent and the loss then. */
export interface Point {
  x: number;
  y: number;
}

/** Joins the seeds' curves by step. */
export function meanOverSeeds({ completed }: Group): Point[] {
  const curves = completed.flatMap(({ curve }) => curve).toSorted((a, b) => a.step - b.step);
  return partition(curves, ({ step }) => String(step)).map((points) => ({
    x: mean(points.map(({ forwards }) => forwards)),
    y: mean(points.map(({ loss }) => loss)),
  }));
}

/**
 * Centred moving average, so that the curve does not lag; at the ends, over what there is of the window.
 * Of a long curve, taken at every k-th point and the last.
 */
export function smooth(points: readonly Point[], most: number): Point[] {
  const half = Math.floor((points.length * WINDOW) / 2);
  const stride = Math.ceil(points.length / most);
  return points.flatMap(({ x }, index) => {
    if (index % stride !== 0 && index !== points.length - 1) return [];
    const window = points.slice(Math.max(0, index - half), index + half + 1);
    return [{ x, y: mean(window.map(({ y }) => y)) }];
  });
}
