import { HERE, operators, program, type Buffers, type Seed } from '../../engine/index.js';
import type { Optimizer } from '../../optimizers/index.js';
import type { StepMeter } from './step-meter.js';
import type { Passes, ProbeSettings } from './subject.js';

/** What is kept of one sampled direction g_hat; see `statistics.ts` for what follows from it. */
export interface Draw extends Passes {
  /** |g_hat|^2 */
  readonly square: number;
  /** g_hat . g */
  readonly along: number;
  /** g_hat . (sum of the earlier samples) */
  readonly withEarlier: number;
}

const addition = program({ arrays: ['sum', 'estimate'] }, ({ sum, estimate }) => ({ sum: operators.add(sum, estimate) }));

/** Arrays of theta's size: the exact gradient, and two to work in. */
export interface Arrays {
  readonly g: Buffers;
  readonly estimate: Buffers;
  readonly sum: Buffers;
}

/** The directions of an optimizer's first step under each of the seeds. */
export async function draw(
  meter: StepMeter,
  optimizer: Optimizer,
  settings: ProbeSettings,
  seeds: readonly Seed[],
  { g, estimate, sum }: Arrays,
): Promise<Draw[]> {
  const { parameters } = meter.subject;
  parameters.materialise(HERE.direction, sum);
  const draws: Draw[] = [];
  for (const seed of seeds) {
    const passes = await meter.direction(optimizer, seed, settings, estimate);
    draws.push({
      ...passes,
      square: parameters.dot(estimate, estimate),
      along: parameters.dot(estimate, g),
      withEarlier: parameters.dot(estimate, sum),
    });
    parameters.update(addition.on({ sum, estimate }));
  }
  return draws;
}
