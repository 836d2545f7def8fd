import type { Optimizer } from './optimizer.js';

/**
 * ZO-SGD: gradient descent with the two-point randomised gradient estimate (MeZO: Malladi et al. 2023, arXiv:2305.17333,
 * Definition 1 and Algorithm 1; ZO-Bench: Zhang et al. 2024, equation 1 with q = 1).
 *
 *   z ~ N(0, I)
 *   d = (L(theta + epsilon z) - L(theta - epsilon z)) / (2 epsilon)
 *   theta <- theta - eta d z
 *
 * State: none; z is made again from its seed. Forward passes per step: 2.
 * Deviation: theta is not perturbed in place, so nothing needs restoring and no rounding error accumulates.
 */
export const zoSgd: Optimizer<undefined> = {
  id: 'zo-sgd',
  order: 'zeroth',
  cost: { forwards: 2, backwards: 0 },
  // MeZO's learning rate for full fine-tuning of OPT (Table 15); epsilon as in every grid of both papers.
  defaults: { learningRate: 1e-6, epsilon: 1e-3 },
  stateArrays: 0,
  init: () => undefined,
  async step({ parameters, seed, losses, learningRate: eta, epsilon }) {
    const z = seed();
    const [plus = NaN, minus = NaN] = await losses({ direction: z, scale: epsilon }, { direction: z, scale: -epsilon });
    const d = (plus - minus) / (2 * epsilon);
    parameters.move(z, -eta * d);
    return { loss: (plus + minus) / 2 };
  },
};
