import { operators, program, UsageError } from '../engine/index.js';
import { choice, flag } from '../options/index.js';
import { adamWUpdate, MOMENTS, type Moments } from './parts/adam.js';
import { defineOptimizer } from './parts/define.js';
import { Estimator, estimatorOptions } from './parts/estimator.js';
import { sumsInArrays } from './parts/history.js';

const { scale, sign, subtract } = operators;

/** theta <- theta - eta sign(g) */
const signDescent = program({ arrays: ['theta', 'g'], scalars: ['rate'] }, ({ theta, g }, { rate }) => ({
  theta: subtract(theta, scale(sign(g), rate)),
}));

interface State {
  readonly estimator: Estimator;
  /** Of the released code alone. */
  readonly moments?: Moments;
}

/**
 * ZO-SGD-Sign: a step of the same length in every coordinate, by the sign of the gradient estimate (Liu et al. 2019, signSGD via
 * zeroth-order oracle; ZO-Bench: Zhang et al. 2024, arXiv:2402.11592).
 *
 *   g = 1/q sum_i d_i z_i, as for ZO-SGD
 *   theta <- theta - eta sign(g)
 *
 * `reading=scalar`: what the released code takes the sign of, d alone: theta <- theta - eta/q sum_i sign(d_i) z_i.
 * `released`: as its sweeps run it. They name no optimizer, so the Trainer's default stays: transformers' AdamW (betas 0.9 and 0.999, 1e-8,
 * bias-corrected) with sign(d) z as its gradient. Both were read in the code; the paper's rule is by coordinate as far as known.
 *
 * State: none; m and v where `released`. Forward passes per step: 2 q.
 */
export const zoSgdSign = defineOptimizer({
  id: 'zo-sgd-sign',
  order: 'zeroth',
  // The middle of ZO-Bench's grid for full fine-tuning on SST-2; epsilon is in all of its grids.
  defaults: { learningRate: 1e-6, epsilon: 1e-3, weightDecay: 0 },
  options: {
    reading: choice(['coordinate', 'scalar'], 'what the sign is taken of: every coordinate of g, or d'),
    released: flag('as the released code runs: AdamW on sign(d) z'),
    ...estimatorOptions,
  },
  create({ reading, released, ...options }) {
    if (released && reading !== 'coordinate') throw new UsageError('released has a reading of its own: leave reading out');
    return {
      cost: new Estimator(options).cost,
      stateArrays: released ? 2 : 0,
      init: (parameters): State => ({
        estimator: new Estimator(options),
        ...(released ? { moments: sumsInArrays(parameters, MOMENTS) } : {}),
      }),
      async step(context, { estimator, moments }: State) {
        if (moments) {
          const { loss, g } = await estimator.estimate({ ...context, weightDecay: 0 }, Math.sign);
          adamWUpdate(context, g, moments);
          return { loss };
        }
        const { loss, g } = await estimator.estimate(context, reading === 'scalar' ? Math.sign : undefined);
        if (reading === 'scalar') context.parameters.move(g, -context.learningRate);
        else context.parameters.update(signDescent.on({ g }, { rate: context.learningRate }));
        return { loss };
      },
    };
  },
});
