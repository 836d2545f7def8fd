import { UsageError } from '../engine/index.js';
import { optionalCount, share } from '../options/index.js';
import { defineOptimizer } from './parts/define.js';
import { Estimator, estimatorOptions } from './parts/estimator.js';
import { stateOption, sumsByReplay, sumsInArrays, type RunningSums } from './parts/history.js';
import { requireLastingMasks } from './parts/masks.js';
import { momentumUpdate } from './parts/momentum.js';

interface State {
  readonly estimator: Estimator;
  readonly sums: RunningSums<'b'>;
}

// MeZO's learning rate for full fine-tuning of OPT times 1 - mu, which is in ZO-Bench's grid; epsilon as there.
const WITHOUT_DECAY = { learningRate: 1e-7, epsilon: 1e-3 };

/**
 * ZO-SGD-MMT: ZO-SGD with momentum (ZO-Bench: Zhang et al. 2024, arXiv:2402.11592), by torch's SGD as in the released code.
 *
 *   g_t = 1/q sum_i d_i z_i, as for ZO-SGD
 *   b_t = mu b_{t-1} + g_t,   b_1 = g_1
 *   theta <- theta - eta b_t
 *
 * No factor 1 - mu: mu = 0.9 makes steps ten times as long as ZO-SGD's in the long run.
 * State: b. `state=replay` keeps none but the (seed, d) pairs and makes b again at every step (MeZO, arXiv:2305.17333, appendix B.2), bit for
 * bit the same; `window` then remembers the newest so many alone, an approximation of this project's. Forward passes per step: 2 q.
 */
export const zoSgdMmt = defineOptimizer({
  id: 'zo-sgd-mmt',
  order: 'zeroth',
  defaults: { ...WITHOUT_DECAY, weightDecay: 0 },
  options: {
    momentum: share(0.9, 'mu'),
    state: stateOption,
    window: optionalCount('gradients that state=replay keeps; default: all'),
    ...estimatorOptions,
  },
  create({ momentum, state, window, ...options }) {
    if (state === 'arrays' && window !== undefined) throw new UsageError('window limits what state=replay keeps: give state=replay too');
    if (state === 'replay') requireLastingMasks(options);
    return {
      // The decayed gradients of earlier steps are of a theta long gone.
      ...(state === 'replay' && { defaults: WITHOUT_DECAY }),
      cost: new Estimator(options).cost,
      stateArrays: state === 'arrays' ? 1 : 0,
      init: (parameters): State => ({
        estimator: new Estimator(options),
        sums: state === 'arrays' ? sumsInArrays(parameters, ['b']) : sumsByReplay(['b'], window),
      }),
      async step(context, { estimator, sums }: State) {
        const { loss, g } = await estimator.estimate(context);
        momentumUpdate(context, g, sums, momentum);
        return { loss };
      },
    };
  },
});
