import { z } from 'zod';
import { Combination, operators, program, type Buffers, type Direction, type Seed } from '../engine/index.js';
import { share } from '../options/index.js';
import { defineOptimizer } from './parts/define.js';
import { twoSided, withDecay } from './parts/estimator.js';

/** A shorter momentum points nowhere. */
const SHORTEST = 1e-8;

const { add, scale, square, subtract, sum } = operators;

const descent = program({ arrays: ['theta', 'g', 'm'], scalars: ['rate', 'beta'] }, ({ theta, g, m }, { rate, beta }) => {
  const next = add(scale(m, beta), scale(g, subtract(1, beta)));
  return { theta: subtract(theta, scale(g, rate)), m: next, square: sum(square(next)) };
});

interface State {
  readonly m: Buffers;
  /** n */
  readonly dimensions: number;
  /** ||m|| */
  norm: number;
}

/**
 * ConMeZO: ZO-SGD with directions from a cone around the momentum (Behric, Zhang, Li and Thekumparampil 2025, arXiv:2511.02757, Algorithm 1).
 *
 *   u ~ N(0, I)
 *   z = cos(phi) sqrt(n) m / ||m|| + sin(phi) u    in n dimensions;   z = u where m is zero
 *   d = (L(theta + epsilon z) - L(theta - epsilon z)) / (2 epsilon)
 *   theta <- theta - eta d z
 *   m <- beta m + (1 - beta) d z
 *
 * State: m. Forward passes per step: 2.
 *
 * As in the authors' synthetic experiments (github.com/LejsDeen/ConMeZO, synthetic-experiment/algorithms.py); their trainers for language
 * models differ in three things that the rule does not state: m starts as Gaussian noise of length sqrt(n), ||m|| is tracked by its
 * expectation instead of measured, and beta rises from 0.1 over the first 1,000 to 2,000 steps. Weight decay, which they have none of, is
 * part of the gradient d z here, in theta's step and in m's. Not verified: the paper's text and its values for each task.
 */
export const conmezo = defineOptimizer({
  id: 'conmezo',
  order: 'zeroth',
  // The released script's for OPT (opt/examples/cone.sh), as are angle and beta.
  defaults: { learningRate: 1e-7, epsilon: 1e-3, weightDecay: 0 },
  options: {
    angle: z.coerce
      .number()
      .positive()
      .max(Math.PI / 2)
      .default(1.35)
      .describe('phi, between the momentum and the edge of the cone, in radians'),
    beta: share(0.99, 'decay of the momentum'),
  },
  create({ angle: phi, beta }) {
    const inCone = (u: Seed, { m, dimensions, norm }: State): Direction => {
      if (norm < SHORTEST) return u;
      return new Combination([
        { direction: m, scale: (Math.cos(phi) * Math.sqrt(dimensions)) / norm },
        { direction: u, scale: Math.sin(phi) },
      ]);
    };
    return {
      cost: { forwards: 2, backwards: 0 },
      stateArrays: 1,
      init: (parameters): State => ({
        m: parameters.allocateBuffers(),
        dimensions: parameters.trainable.reduce((sum, { count }) => sum + count, 0),
        norm: 0,
      }),
      async step(context, state) {
        const { learningRate, parameters } = context;
        const z = inCone(context.seed(0), state);
        const { loss, derivatives } = await twoSided(context, [z]);
        const [d = NaN] = derivatives;
        const g = withDecay(context, new Combination([{ direction: z, scale: d }]));
        state.norm = Math.sqrt(parameters.update(descent.on({ g, m: state.m }, { rate: learningRate, beta })).square);
        return { loss };
      },
    };
  },
});
