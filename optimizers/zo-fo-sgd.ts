import { Combination, restricted, type Buffers, type Parameter } from '../engine/index.js';
import { positive, wholeNumber } from '../options/index.js';
import { usedBefore } from './parts/blocks.js';
import { defineOptimizer } from './parts/define.js';
import { twoSided, withDecay } from './parts/estimator.js';

interface State {
  /** Whether the parameter is stepped along the zeroth-order estimate. */
  readonly isZeroth: (parameter: Parameter) => boolean;
  /** The exact gradient, of the others. */
  readonly h: Buffers;
}

/**
 * Hybrid ZO-FO SGD: the first blocks by forward passes, the others by backpropagation, which then keeps the activations of these alone
 * (ZO-Bench: Zhang et al. 2024, arXiv:2402.11592, hybrid ZO and FO fine-tuning; nearest published formula: ElasticZO, arXiv:2501.04287).
 * theta = (x, y), x the embedding's parameters and those of the first k blocks, y all others:
 *
 *   z ~ N(0, I) on x, 0 on y
 *   d = (L(x + epsilon z, y) - L(x - epsilon z, y)) / (2 epsilon),   h = grad_y L(x, y)
 *   x <- x - eta d z,   y <- y - r eta h
 *
 * Both from the same theta and batch, then both moved. k = 0 is fo-sgd with the learning rate r eta, k above the number of blocks is
 * zo-sgd. A tied embedding belongs to x, its use in the head included. State: h. Three forward passes and one backward pass per step; one
 * forward and one backward for k = 0; two forwards for k above the number of blocks, though its cost, which knows no model, says three and one:
 * take zo-sgd for that.
 *
 * Not verified: ZO-Bench's repository has no code of it, and its paper is known here by summary (zeroth-order on the first third of the blocks
 * costs little accuracy); that the two parts have learning rates of their own, and their ratio, are this project's.
 */
export const zoFoSgd = defineOptimizer({
  id: 'zo-fo-sgd',
  order: 'zeroth',
  // Of ZO-SGD; times the ratio, of FO-SGD.
  defaults: { learningRate: 1e-6, epsilon: 1e-3, weightDecay: 0 },
  options: {
    k: wholeNumber(1, 'blocks, from the first on and with the embedding, that are zeroth-order'),
    ratio: positive(100, "r, the first-order part's learning rate over the zeroth-order part's"),
  },
  create({ k, ratio }) {
    return {
      cost: { forwards: k === 0 ? 1 : 3, backwards: 1 },
      stateArrays: 1,
      init(parameters): State {
        const isZeroth = usedBefore(parameters.all, k);
        return { isZeroth, h: parameters.allocateBuffers((parameter) => !isZeroth(parameter)) };
      },
      async step(context, { isZeroth, h }: State) {
        const { parameters, learningRate } = context;
        const exact = h.size > 0 ? await context.gradient(h) : undefined;
        const z = restricted(context.seed(0), isZeroth);
        const probed = parameters.trainable.some(isZeroth) ? await twoSided(context, [z]) : undefined;
        const dz = new Combination([{ direction: z, scale: probed?.derivatives[0] ?? 0 }]);
        parameters.move(withDecay(context, dz, isZeroth), -learningRate);
        const isFirst = (parameter: Parameter): boolean => !isZeroth(parameter);
        parameters.move(withDecay(context, h, isFirst), -ratio * learningRate);
        return { loss: exact ?? probed?.loss ?? NaN };
      },
    };
  },
});
