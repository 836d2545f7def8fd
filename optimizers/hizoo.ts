import { HERE, movesParameter, weights, type Buffers, type Direction, type Generated } from '../engine/index.js';
import { share } from '../options/index.js';
import { defineOptimizer } from './parts/define.js';
import { twoSided } from './parts/estimator.js';

/**
 * HiZOO: ZO-SGD preconditioned by a running estimate H of the Hessian's diagonal (Zhao et al. 2024, arXiv:2402.15173; the rule is that of
 * the released trainer.py at the root of Yanjun-Zhao/HiZOO).
 *
 *   z ~ N(0, I)
 *   L0 = L(theta),   L+- = L(theta +- epsilon z / sqrt(H))
 *   H <- (1 - alpha) H + alpha |L+ + L- - 2 L0| / (2 epsilon^2) H z^2
 *   theta <- theta - eta (L+ - L-) / (2 epsilon) z / sqrt(H),   with the new H
 *
 * State: H, one number per parameter, from 1 on. Forward passes per step: 3.
 *
 * Deviations from the released code: no fourth pass, which is only logged; weight decay spares biases and norms. Its default script has alpha
 * = 0, which is MeZO, its README 1e-8. The default here is the first of its schedule constant_decay1: next to an H of 1 in float32 anything
 * below 6e-8 is lost. What its folders large_models and medium_models hold is an older rule with H and 1/H exchanged in places, not followed here.
 * On average H grows by a factor that is nearly the same for all parameters, for the estimate lacks a "-1" next to z^2. Not verified: the paper's text.
 */
export const hizoo = defineOptimizer({
  id: 'hizoo',
  order: 'zeroth',
  // The released README's example.
  defaults: { learningRate: 1e-6, epsilon: 1e-3, weightDecay: 0 },
  options: { smoothing: share(1e-6, 'alpha, the weight of the newest estimate in H') },
  create({ smoothing: alpha }) {
    return {
      cost: { forwards: 3, backwards: 0 },
      stateArrays: 1,
      init(parameters): Buffers {
        const H = parameters.allocateBuffers();
        for (const parameter of parameters.trainable) parameters.heap.kernels.fill(parameters.buffer(H, parameter), parameter.count, 1);
        return H;
      },
      async step(context, H) {
        const { epsilon, losses, parameters, learningRate, weightDecay } = context;
        const { kernels } = parameters.heap;
        const z = context.seed(0);

        const [loss = NaN] = await losses(HERE);
        const { loss: mean, derivatives } = await twoSided(context, [overRoot(z, H)]);
        const [d = NaN] = derivatives;

        // |L+ + L- - 2 L0| / (2 epsilon^2)
        const curvature = Math.abs(mean - loss) / epsilon ** 2;
        if (weightDecay !== 0) parameters.move(weights, -learningRate * weightDecay);
        parameters.update(z, { H }, ({ theta, g, H, count }) => {
          parameters.withBuffer((scaled) => {
            kernels.multiply(scaled, g, g, count);
            kernels.multiply(scaled, scaled, H, count);
            kernels.blend(H, H, scaled, count, 1 - alpha, alpha * curvature);
            kernels.overRoot(scaled, g, H, count);
            kernels.addScaled(theta, scaled, theta, count, -learningRate * d);
          });
        });
        return { loss };
      },
    };
  },
});

/** z / sqrt(H), with H as it is when the direction is used. */
const overRoot = (z: Direction, H: Buffers): Generated => ({
  moves: (parameter) => movesParameter(z, parameter),
  write({ parameters, parameter, first, count }, out) {
    parameters.writeDirection(parameter, first, count, z, out);
    parameters.heap.kernels.overRoot(out, out, parameters.buffer(H, parameter) + 4 * first, count);
  },
});
