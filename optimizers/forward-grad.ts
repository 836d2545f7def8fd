import type { Point } from '../engine/index.js';
import { defineOptimizer } from './parts/define.js';
import { descend, estimatorOptions } from './parts/estimator.js';

/**
 * Forward-Grad: gradient descent with the exact directional derivative along random directions, by forward-mode
 * differentiation (Baydin et al. 2022, arXiv:2202.08587, Definition 1; ZO-Bench's backpropagation-free baseline).
 *
 *   z_i ~ N(0, I)
 *   d_i = grad L(theta) . z_i
 *   theta <- theta - eta/q sum_i d_i z_i
 *
 * State: none. q forward-mode passes per step, each about three times the work of a forward pass.
 * Deviation from the released code: it takes one direction only, and keeps it in memory; here z is made again from its seed.
 */
export const forwardGrad = defineOptimizer({
  id: 'forward-grad',
  order: 'forward-mode',
  // The middle of ZO-Bench's grid for full fine-tuning on SST-2.
  defaults: { learningRate: 1e-6, weightDecay: 0 },
  options: { q: estimatorOptions.q },
  create({ q }) {
    return {
      cost: { forwards: q, backwards: 0 },
      stateArrays: 0,
      init: () => undefined,
      async step(context) {
        let mean = 0;
        const terms: Point[] = [];
        for (let query = 0; query < q; query++) {
          const z = context.seed(query);
          const { loss, derivative: d } = await context.directionalDerivative(z);
          mean += loss / q;
          terms.push({ direction: z, scale: d / q });
        }
        descend(context, ...terms);
        return { loss: mean };
      },
    };
  },
});
