import { masked, type Buffers } from '../engine/index.js';
import { share } from '../options/index.js';
import { defineOptimizer } from './parts/define.js';
import { withDecay } from './parts/estimator.js';
import { clipNorm, clippingOptions, largestNorm } from './parts/gradient-clipping.js';
import { sumsInArrays, type RunningSums } from './parts/history.js';
import { maskOptions, Masks } from './parts/masks.js';
import { momentumUpdate } from './parts/momentum.js';

interface State {
  readonly g: Buffers;
  readonly masks: Masks;
  readonly sums?: RunningSums<'b'>;
}

/**
 * FO-SGD: stochastic gradient descent by backpropagation, ZO-Bench's first-order baseline (Zhang et al. 2024, arXiv:2402.11592).
 *
 *   g = grad L(theta), masked and then its norm clipped where asked for
 *   theta <- theta - eta g
 *   with momentum mu: b <- mu b + g,   theta <- theta - eta b
 *
 * State: the gradient's array, and b's with momentum. One forward and one backward pass per step.
 * Deviation from the released code: no dropout, so that first- and zeroth-order methods see the same loss, and no clipping unless
 * `released`. Its full and prompt tuning of SST-2 in fact run AdamW, for they name no optimizer: that is
 * fo-adam:released, but for where AdamW adds its 1e-8.
 */
export const foSgd = defineOptimizer({
  id: 'fo-sgd',
  order: 'first',
  // The middle of ZO-Bench's grid for full fine-tuning on SST-2.
  defaults: { learningRate: 1e-4, weightDecay: 0 },
  options: { momentum: share(0, 'mu; 0 for none'), ...maskOptions, ...clippingOptions },
  create({ momentum, ...options }) {
    const largest = largestNorm(options);
    return {
      cost: { forwards: 1 + new Masks(options).forwards, backwards: 1 },
      stateArrays: momentum === 0 ? 1 : 2,
      init: (parameters): State => ({
        g: parameters.allocateBuffers(),
        masks: new Masks(options),
        ...(momentum === 0 ? {} : { sums: sumsInArrays(parameters, ['b']) }),
      }),
      async step(context, { g, masks, sums }: State) {
        const loss = await context.gradient(g);
        const mask = await masks.of(context);
        const gradient = withDecay(context, clipNorm(context.parameters, mask ? masked(g, mask) : g, largest));
        if (sums) momentumUpdate(context, gradient, sums, momentum);
        else context.parameters.move(gradient, -context.learningRate);
        return { loss };
      },
    };
  },
});
