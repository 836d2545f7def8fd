import { computed, HERE, operators, program, weights, type Buffers } from '../engine/index.js';
import { share } from '../options/index.js';
import { defineOptimizer } from './parts/define.js';
import { twoSided } from './parts/estimator.js';

const { add, divide, multiply, scale, square, squareRoot, subtract } = operators;

/** H <- 1 */
const ones = program({ arrays: ['H'] }, ({ H }) => ({ H: add(scale(H, 0), 1) }));

/** z / sqrt(H), with H as it is when the direction is used. */
const overRoot = program({ arrays: ['z', 'H'] }, ({ z, H }) => ({ preconditioned: divide(z, squareRoot(H)) }));

const descent = program(
  { arrays: ['theta', 'z', 'H'], scalars: ['alpha', 'curvature', 'step'] },
  ({ theta, z, H }, { alpha, curvature, step }) => {
    const next = add(scale(H, subtract(1, alpha)), scale(multiply(square(z), H), multiply(alpha, curvature)));
    return { H: next, theta: subtract(theta, scale(divide(z, squareRoot(next)), step)) };
  },
);

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
        parameters.update(ones.on({ H }));
        return H;
      },
      async step(context, H) {
        const { epsilon, losses, parameters, learningRate, weightDecay } = context;
        const z = context.seed(0);

        const [loss = NaN] = await losses(HERE);
        const { loss: mean, derivatives } = await twoSided(context, [computed(overRoot.on({ z, H }))]);
        const [d = NaN] = derivatives;

        // |L+ + L- - 2 L0| / (2 epsilon^2)
        const curvature = Math.abs(mean - loss) / epsilon ** 2;
        if (weightDecay !== 0) parameters.move(weights, -learningRate * weightDecay);
        parameters.update(descent.on({ z, H }, { alpha, curvature, step: learningRate * d }));
        return { loss };
      },
    };
  },
});
