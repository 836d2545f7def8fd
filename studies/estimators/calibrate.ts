import { UsageError, type Buffers, type Seed } from '../../engine/index.js';
import type { Optimizer } from '../../optimizers/index.js';
import type { StepMeter, View } from './step-meter.js';
import { doubled } from './views.js';

/** How an optimizer's direction is read off its steps, and what kind of direction it is. */
export interface Calibration {
  /** A power of two. */
  readonly learningRate: number;
  /** Relative difference between the directions of a long and a short step: rounding, unless the step does not scale with eta. */
  readonly rateDependence: number;
  /** A step that doubles with the loss estimates the gradient; any other, such as a sign, at best its direction. */
  readonly estimates: 'gradient' | 'direction';
}

/** Of theta's norm. Rounding of theta, some 3e-8 of its norm, is about 1e-7 of a long step and 3e-5 of a short one. */
const LONG = 1;
const SHORT = 2 ** -10;
/** Far above the rounding of a short step. */
const SAME = 1e-3;
/** Tried for one that moves theta: some optimizers' default rates are too small for float32 to show. */
const FIRST_RATES = [1, 2 ** 12, 2 ** 24];

/**
 * Chooses the learning rate at which an optimizer's steps are measured. Where a step as long as theta goes the same way as one a
 * thousandth of it, it scales with eta and the long one is measured, the rounding being least there; else the short one.
 * @param buffers Two arrays of theta's size.
 * @throws UsageError where the optimizer's first step does not move.
 */
export async function calibrate(
  meter: StepMeter,
  optimizer: Optimizer,
  epsilon: number,
  seeds: readonly Seed[],
  buffers: readonly [Buffers, Buffers],
): Promise<Calibration> {
  const { parameters } = meter.subject;
  const [buffer, other] = buffers;
  const { seed, unit } = await firstMove(meter, optimizer, epsilon, seeds, buffer);
  const rateFor = (share: number): number => 2 ** Math.round(Math.log2((share * (meter.norm || 1)) / unit));
  const measure = (learningRate: number, into: Buffers, view?: View): Promise<unknown> =>
    meter.direction(optimizer, seed, { learningRate, epsilon }, into, view);

  const [long, short] = [rateFor(LONG), rateFor(SHORT)];
  await measure(long, buffer);
  await measure(short, other);
  const rateDependence = meter.distance(buffer, other) / parameters.norm(other);
  const learningRate = rateDependence < SAME ? long : short;
  if (learningRate === long) await measure(long, other);
  await measure(learningRate, buffer, doubled);
  const ratio = parameters.norm(buffer) / parameters.norm(other);
  return { learningRate, rateDependence, estimates: Math.abs(ratio - 2) < SAME ? 'gradient' : 'direction' };
}

/** The seed among `seeds` with the longest step, and its direction's length. */
async function firstMove(meter: StepMeter, optimizer: Optimizer, epsilon: number, seeds: readonly Seed[], buffer: Buffers) {
  for (const factor of FIRST_RATES) {
    const settings = { learningRate: factor * optimizer.defaults.learningRate, epsilon };
    let longest = { seed: 0, unit: 0 };
    for (const seed of seeds) {
      await meter.direction(optimizer, seed, settings, buffer);
      const unit = meter.subject.parameters.norm(buffer);
      if (unit > longest.unit) longest = { seed, unit };
    }
    if (longest.unit > 0) return longest;
  }
  throw new UsageError(`optimizer ${optimizer.id} does not move in its first step: there is nothing to measure`);
}
