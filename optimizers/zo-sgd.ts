import { defineOptimizer } from './parts/define.js';
import { Estimator, estimatorOptions } from './parts/estimator.js';

/**
 * ZO-SGD: gradient descent with the randomised gradient estimate (MeZO: Malladi et al. 2023, arXiv:2305.17333,
 * Definition 1 and Algorithms 1 and 2; ZO-Bench: Zhang et al. 2024, equation 1).
 *
 *   z_i ~ N(0, I)
 *   d_i = (L(theta + epsilon z_i) - L(theta - epsilon z_i)) / (2 epsilon)
 *   theta <- theta - eta/q sum_i d_i z_i
 *
 * State: none; every z is made again from its seed. Forward passes per step: 2 q.
 * Deviation: theta is not perturbed in place, so nothing needs restoring and no rounding error accumulates.
 */
export const zoSgd = defineOptimizer({
  id: 'zo-sgd',
  order: 'zeroth',
  // MeZO's learning rate for full fine-tuning of OPT (Table 15); epsilon as in every grid of both papers.
  defaults: { learningRate: 1e-6, epsilon: 1e-3, weightDecay: 0 },
  options: estimatorOptions,
  create(options) {
    return {
      cost: new Estimator(options).cost,
      stateArrays: 0,
      init: () => new Estimator(options),
      async step(context, estimator: Estimator) {
        const { loss, g } = await estimator.estimate(context);
        context.parameters.move(g, -context.learningRate);
        return { loss };
      },
    };
  },
});
