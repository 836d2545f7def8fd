import { z } from 'zod';
import {
  Combination,
  HERE,
  masked,
  rademacher,
  restricted,
  sphere,
  UsageError,
  weights,
  type Direction,
  type Mask,
  type Parameter,
  type Point,
  type Seed,
} from '../../engine/index.js';
import { choice, optionalPositive, probeCount } from '../../options/index.js';
import type { StepContext, StepCost } from '../optimizer.js';
import { maskOptions, Masks } from './masks.js';
import { Scaling, scalingOptions } from './scaling.js';

/** Options of every optimizer that steps by the randomised gradient estimate. */
export const estimatorOptions = {
  q: probeCount(1, 'directions per step, averaged'),
  qSchedule: choice(['constant', 'linear'], 'linear: max(1, floor(q t / T)) directions in step t of T (n-SPSA, MeZO appendix A.2)'),
  sides: choice(
    ['two', 'one', 'previous'],
    "L(theta + ez) - L(theta - ez); - L(theta); or - the last step's L(theta + ez) (one forward pass)",
  ),
  noise: choice(['gaussian', 'rademacher', 'sphere'], 'the distribution of z; sphere: Gaussian, brought to the length sqrt(parameters)'),
  clip: optionalPositive('largest |d|'),
  ...maskOptions,
  ...scalingOptions,
};

export type EstimatorOptions = z.output<z.ZodObject<typeof estimatorOptions>>;

export interface Estimate {
  /** L(theta), as well as the probes tell. */
  readonly loss: number;
  /** The estimated gradient, weight decay included. */
  readonly g: Direction;
  /** d_i, clipped. */
  readonly derivatives: readonly number[];
}

/**
 * The randomised gradient estimate (MeZO: Malladi et al. 2023, arXiv:2305.17333, Definition 1; ZO-Bench: Zhang et al. 2024, equation 1):
 *
 *   d_i = (L(theta + epsilon z_i) - L(theta - epsilon z_i)) / (2 epsilon)
 *   g = 1/q sum_i d_i z_i
 *
 * The q directions are probed one after another and summed where g is used, from their seeds: q costs no memory.
 */
export class Estimator {
  readonly #masks: Masks;
  readonly #scaling: Scaling;
  #previous: number | undefined;

  constructor(readonly options: EstimatorOptions) {
    this.#masks = new Masks(options);
    this.#scaling = new Scaling(options);
    if (options.sides === 'previous' && options.q > 1) throw new UsageError('sides=previous takes one direction per step: leave q at 1');
  }

  /** Forward passes of a step; their mean over the run where the number of directions grows. */
  get cost(): StepCost {
    const { q, qSchedule, sides } = this.options;
    // The mean of max(1, 0), 1, ... and q - 1, for as many steps each.
    const directions = qSchedule === 'linear' ? (q - 1) / 2 + 1 / q : q;
    const probes = sides === 'two' ? 2 * directions : sides === 'one' ? 1 + directions : 1;
    return { forwards: probes + this.#masks.forwards, backwards: 0 };
  }

  /** `weigh` makes of d_i what z_i is multiplied by in g. */
  async estimate(context: StepContext, weigh = (d: number): number => d): Promise<Estimate> {
    const mask = await this.#masks.of(context);
    const directions = Array.from({ length: this.#directions(context) }, (_, query) => this.#direction(context, context.seed(query), mask));
    const modification = this.#scaling.modification(context);
    const probed = await this.#probe(
      context,
      directions.map((z) => modification.probe(z)),
    );
    const derivatives = probed.derivatives.map((d) => this.#clipped(d));
    const terms = directions.map((z, i) => ({ direction: modification.step(z), scale: weigh(derivatives[i] ?? NaN) / directions.length }));
    return { loss: probed.loss, g: withDecay(context, new Combination(terms)), derivatives };
  }

  #directions({ step, steps }: StepContext): number {
    const { q, qSchedule } = this.options;
    return qSchedule === 'linear' ? Math.max(1, Math.floor((q * step) / steps)) : q;
  }

  #direction({ parameters }: StepContext, seed: Seed, mask: Mask | undefined): Direction {
    const { noise } = this.options;
    const z = noise === 'gaussian' ? seed : noise === 'rademacher' ? rademacher(seed) : sphere(seed, parameters);
    return mask ? masked(z, mask) : z;
  }

  #clipped(d: number): number {
    const { clip = Infinity } = this.options;
    return Math.max(-clip, Math.min(clip, d));
  }

  async #probe(context: StepContext, directions: readonly Direction[]): Promise<{ loss: number; derivatives: number[] }> {
    const { sides } = this.options;
    if (sides === 'two') return twoSided(context, directions);
    return sides === 'one' ? oneSided(context, directions) : this.#againstPrevious(context, directions);
  }

  /** d = (L_t(theta_t + epsilon z_t) - L_{t-1}(theta_{t-1} + epsilon z_{t-1})) / epsilon (MeZO appendix B.5, Definition 8); the first step only looks. */
  async #againstPrevious(context: StepContext, directions: readonly Direction[]): Promise<{ loss: number; derivatives: number[] }> {
    const { losses, epsilon } = withEpsilon(context);
    const [loss = NaN] = await losses(...directions.map((direction) => ({ direction, scale: epsilon })));
    const derivative = (loss - (this.#previous ?? loss)) / epsilon;
    this.#previous = loss;
    return { loss, derivatives: [derivative] };
  }
}

export async function twoSided(context: StepContext, directions: readonly Direction[]): Promise<{ loss: number; derivatives: number[] }> {
  const { losses, epsilon } = withEpsilon(context);
  let loss = 0;
  const derivatives: number[] = [];
  for (const direction of directions) {
    const [plus = NaN, minus = NaN] = await losses({ direction, scale: epsilon }, { direction, scale: -epsilon });
    derivatives.push((plus - minus) / (2 * epsilon));
    loss += (plus + minus) / (2 * directions.length);
  }
  return { loss, derivatives };
}

/** d_i = (L(theta + epsilon z_i) - L(theta)) / epsilon */
export async function oneSided(context: StepContext, directions: readonly Direction[]): Promise<{ loss: number; derivatives: number[] }> {
  const { losses, epsilon } = withEpsilon(context);
  const [first, ...others] = directions.map((direction): Point => ({ direction, scale: epsilon }));
  const [loss = NaN, ...probed] = await losses(HERE, ...(first ? [first] : []));
  for (const point of others) probed.push(...(await losses(point)));
  return { loss, derivatives: probed.map((above) => (above - loss) / epsilon) };
}

/** @throws UsageError where the optimizer has no epsilon, which then is NaN. */
function withEpsilon(context: StepContext): StepContext {
  if (!Number.isNaN(context.epsilon)) return context;
  throw new UsageError('a finite difference needs an epsilon: give the optimizer one in its defaults');
}

/** theta <- theta - eta (sum of scale z over the terms + lambda theta) */
export function descend(context: StepContext, ...terms: readonly Point[]): void {
  context.parameters.move(withDecay(context, new Combination(terms)), -context.learningRate);
}

/** g + lambda theta, biases and norms left out (MeZO's released code), as is all that is not `within` the parameters to be moved. */
export function withDecay({ weightDecay }: StepContext, g: Direction, within?: (parameter: Parameter) => boolean): Direction {
  if (weightDecay === 0) return g;
  return new Combination([
    { direction: g, scale: 1 },
    { direction: within ? restricted(weights, within) : weights, scale: weightDecay },
  ]);
}
