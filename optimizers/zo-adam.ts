import { share } from '../options/index.js';
import { adamUpdate, MOMENTS, STANDARD_BETAS, type Moments } from './parts/adam.js';
import { defineOptimizer } from './parts/define.js';
import { Estimator, estimatorOptions } from './parts/estimator.js';
import { stateOption, sumsByReplay, sumsInArrays } from './parts/history.js';
import { requireLastingMasks } from './parts/masks.js';

interface State {
  readonly estimator: Estimator;
  readonly moments: Moments;
}

// The middle of ZO-Bench's grid for full fine-tuning on SST-2, and the smallest of MeZO-Adam's (Table 7); epsilon is in both.
const WITHOUT_DECAY = { learningRate: 1e-6, epsilon: 1e-3 };

/**
 * ZO-Adam: Adam (Kingma and Ba 2015, arXiv:1412.6980, Algorithm 1) with the gradient estimate for gradient (ZO-Bench: Zhang et al. 2024,
 * arXiv:2402.11592; MeZO-Adam: Malladi et al. 2023, arXiv:2305.17333, appendix B.2).
 *
 *   g = 1/q sum_i d_i z_i, as for ZO-SGD
 *   m <- beta1 m + (1 - beta1) g,   v <- beta2 v + (1 - beta2) g^2
 *   theta <- theta - eta (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + 1e-8)
 *
 * State: m and v. `state=replay` keeps none but the (seed, d) pairs and makes both again at every step, bit for bit the same: memory of ZO-SGD,
 * and t directions made in step t. Forward passes per step: 2 q.
 */
export const zoAdam = defineOptimizer({
  id: 'zo-adam',
  order: 'zeroth',
  defaults: { ...WITHOUT_DECAY, weightDecay: 0 },
  options: {
    beta1: share(STANDARD_BETAS.beta1, 'of the mean of g'),
    beta2: share(STANDARD_BETAS.beta2, 'of the mean of g squared'),
    state: stateOption,
    ...estimatorOptions,
  },
  create({ beta1, beta2, state, ...options }) {
    if (state === 'replay') requireLastingMasks(options);
    return {
      // The decayed gradients of earlier steps are of a theta long gone.
      ...(state === 'replay' && { defaults: WITHOUT_DECAY }),
      cost: new Estimator(options).cost,
      stateArrays: state === 'arrays' ? 2 : 0,
      init: (parameters): State => ({
        estimator: new Estimator(options),
        moments: state === 'arrays' ? sumsInArrays(parameters, MOMENTS) : sumsByReplay(MOMENTS),
      }),
      async step(context, { estimator, moments }: State) {
        const { loss, g } = await estimator.estimate(context);
        adamUpdate(context, g, moments, { beta1, beta2 });
        return { loss };
      },
    };
  },
});
