import { operators, program, type Buffers } from '../engine/index.js';
import { share } from '../options/index.js';
import { defineOptimizer } from './parts/define.js';
import { Estimator, estimatorOptions } from './parts/estimator.js';

const BETA1 = 0.9;
/** zeta, outside the root as in the released optimizer. */
const ZETA = 1e-8;

const { add, divide, scale, square, squareRoot, subtract } = operators;

const descent = program({ arrays: ['theta', 'g', 'm', 'v'], scalars: ['beta2', 'rate'] }, ({ theta, g, m, v }, { beta2, rate }) => {
  const m1 = add(scale(m, BETA1), scale(g, 1 - BETA1));
  const v1 = add(scale(v, beta2), scale(square(m1), subtract(1, beta2)));
  return { m: m1, v: v1, theta: subtract(theta, divide(scale(m1, rate), add(squareRoot(v1), ZETA))) };
});

/**
 * R-AdaZO: Adam for zeroth-order estimates, whose second moment is that of the first moment instead of the noisy estimate
 * (Shu, Zhang, He and Dai 2025, arXiv:2502.01014, Algorithm 2 as far as known).
 *
 *   g = 1/q sum_i d_i z_i
 *   m <- beta1 m + (1 - beta1) g
 *   v <- beta2 v + (1 - beta2) m^2     with the new m
 *   theta <- theta - eta m / (sqrt(v) + zeta)
 *
 * No bias correction: the first step is eta / sqrt(1 - beta2) long in every coordinate, ten times eta by default.
 * State: m and v. Forward passes per step: 2 q; q + 1 with sides=one.
 *
 * The rule is that of the optimizer file that its README describes (github.com/shuyao95/R-AdaZO); where the two differ from each other or
 * from the paper as others transcribe it:
 * - the file probes and moves one tensor after another, along a unit vector u in each, with L(theta) evaluated anew for each probe; here
 *   as in the paper one direction spans all parameters and L(theta) is shared. The paper's estimate, n/q sum_i (L(theta + mu u_i) - L(theta)) / mu u_i
 *   with n parameters and u on the unit sphere, is that of `sides=one:noise=sphere` with mu = epsilon sqrt(n); the file leaves out the factor n;
 * - beta2 is 0.99 in the README (and, others say, in the paper), 0.999 in the file; zeta is inside the root in the paper.
 * Not verified: the paper's text, and its settings for language models. The learning rate is ours.
 */
export const rAdazo = defineOptimizer({
  id: 'r-adazo',
  order: 'zeroth',
  defaults: { learningRate: 1e-6, epsilon: 1e-3, weightDecay: 0 },
  options: { ...estimatorOptions, beta2: share(0.99, 'decay of the second moment') },
  create(options) {
    const { beta2 } = options;
    return {
      cost: new Estimator(options).cost,
      stateArrays: 2,
      init: (parameters) => ({ estimator: new Estimator(options), m: parameters.allocateBuffers(), v: parameters.allocateBuffers() }),
      async step(context, { estimator, m, v }: { estimator: Estimator; m: Buffers; v: Buffers }) {
        const { loss, g } = await estimator.estimate(context);
        context.parameters.update(descent.on({ g, m, v }, { beta2, rate: context.learningRate }));
        return { loss };
      },
    };
  },
});
