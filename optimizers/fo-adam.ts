import type { Buffers } from '../engine/index.js';
import { adamUpdate, MOMENTS, type Moments } from './parts/adam.js';
import { defineOptimizer } from './parts/define.js';
import { withDecay } from './parts/estimator.js';
import { clipNorm, clippingOptions, largestNorm } from './parts/gradient-clipping.js';
import { sumsInArrays } from './parts/history.js';

interface State {
  readonly g: Buffers;
  readonly moments: Moments;
}

/**
 * FO-Adam: Adam by backpropagation (Kingma and Ba 2015, arXiv:1412.6980, Algorithm 1), ZO-Bench's stronger first-order baseline.
 *
 *   g = grad L(theta), its norm clipped where asked for
 *   m <- beta1 m + (1 - beta1) g,   v <- beta2 v + (1 - beta2) g^2
 *   theta <- theta - eta (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + 1e-8)
 *
 * State: g, m and v. One forward and one backward pass per step.
 * Deviation from the released code: no dropout, as for FO-SGD, and no clipping unless `released`.
 */
export const foAdam = defineOptimizer({
  id: 'fo-adam',
  order: 'first',
  // MeZO's smallest for fine-tuning OPT with Adam (Table 15).
  defaults: { learningRate: 1e-5, weightDecay: 0 },
  options: clippingOptions,
  create(options) {
    const largest = largestNorm(options);
    return {
      cost: { forwards: 1, backwards: 1 },
      stateArrays: 3,
      init: (parameters): State => ({ g: parameters.allocateBuffers(), moments: sumsInArrays(parameters, MOMENTS) }),
      async step(context, { g, moments }: State) {
        const loss = await context.gradient(g);
        adamUpdate(context, withDecay(context, clipNorm(context.parameters, g, largest)), moments);
        return { loss };
      },
    };
  },
});
