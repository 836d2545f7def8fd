import type { Seed } from '../../engine/index.js';
import type { Optimizer } from '../../optimizers/index.js';
import { mean } from '../../statistics/index.js';
import { type EpsilonRow } from '../../reports/index.js';
import type { Arrays } from './draws.js';
import { cosineOf, meanWithError } from './statistics.js';
import type { StepMeter } from './step-meter.js';
import { linear } from './views.js';

interface Probe {
  readonly square: number;
  readonly along: number;
  /** |g_hat - g_0|^2 and |g_0|^2 */
  readonly error: number;
  readonly exact: number;
}

/**
 * How far an optimizer's direction is, at each epsilon, from the one that the same step takes with exact derivatives: at the left
 * the rounding of the losses, of order 1 / epsilon, at the right the curvature along z, of order epsilon or epsilon^2.
 * @param epsilons [null] for an optimizer without one: then the error is that of its derivative.
 */
export async function againstEpsilon(
  meter: StepMeter,
  optimizer: Optimizer,
  learningRate: number,
  epsilons: readonly (number | null)[],
  seeds: readonly Seed[],
  { g, estimate, sum: exact }: Arrays,
  loss: number,
): Promise<EpsilonRow[]> {
  const { parameters } = meter.subject;
  const epsilon = optimizer.defaults.epsilon ?? NaN;
  const probes = new Map<number | null, Probe[]>(epsilons.map((value) => [value, []]));
  for (const seed of seeds) {
    await meter.direction(optimizer, seed, { learningRate, epsilon }, exact, linear(loss, g));
    const exactSquare = parameters.dot(exact, exact);
    for (const [value, made] of probes) {
      await meter.direction(optimizer, seed, { learningRate, epsilon: value ?? NaN }, estimate);
      const [square, along] = [parameters.dot(estimate, estimate), parameters.dot(estimate, g)];
      made.push({ square, along, exact: exactSquare, error: meter.distance(estimate, exact) ** 2 });
    }
  }
  const gradientSquare = parameters.dot(g, g);
  return [...probes].map(([value, made]) => ({ optimizer: optimizer.id, epsilon: value, ...summaryOf(made, gradientSquare) }));
}

function summaryOf(probes: readonly Probe[], gradientSquare: number): Omit<EpsilonRow, 'optimizer' | 'epsilon'> {
  const cosine = meanWithError(probes.map(({ square, along }) => cosineOf(square, along, gradientSquare)));
  const projection = meanWithError(probes.map(({ along }) => along / gradientSquare));
  return {
    samples: probes.length,
    relativeError: Math.sqrt(mean(probes.map(({ error }) => error)) / mean(probes.map(({ exact }) => exact))),
    cosineMean: cosine.mean,
    cosineStd: cosine.std,
    projection: projection.mean,
    projectionError: projection.error,
  };
}
