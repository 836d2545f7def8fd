import { Combination, UsageError, type Direction, type Parameters } from '../../engine/index.js';
import { flag, optionalPositive } from '../../options/index.js';

/** Options of the optimizers that step along the exact gradient. */
export const clippingOptions = {
  clip: optionalPositive('largest norm of the gradient over all parameters'),
  released: flag("clip=1, as Hugging Face's Trainer does by default"),
};

/** Of Hugging Face's Trainer (max_grad_norm), and so of ZO-Bench's first-order runs. */
const RELEASED_CLIP = 1;

/** The largest norm; infinite without clipping. */
export function largestNorm({ clip, released }: { clip?: number | undefined; released: boolean }): number {
  if (released && clip !== undefined) throw new UsageError(`released clips to ${RELEASED_CLIP}: leave clip out`);
  return released ? RELEASED_CLIP : (clip ?? Infinity);
}

/** g min(1, c / (|g| + 1e-6)), by torch's clip_grad_norm_ */
export function clipNorm(parameters: Parameters, g: Direction, largest: number): Direction {
  if (largest === Infinity) return g;
  return new Combination([{ direction: g, scale: Math.min(1, largest / (parameters.norm(g) + 1e-6)) }]);
}
