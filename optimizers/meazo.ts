import { share } from '../options/index.js';
import { defineOptimizer } from './parts/define.js';
import { Estimator, estimatorOptions } from './parts/estimator.js';

/** zeta */
const ZETA = 1e-8;

/** What it keeps: the second moment, and the steps that went into it. */
interface State {
  readonly estimator: Estimator;
  v: number;
  t: number;
}

/**
 * MEAZO: an adaptive step size from a single number, the second moment of the directional derivative (Dbouk, Gazagnadou, Reisser and
 * Louizos 2026, arXiv:2605.03869).
 *
 *   dbar = 1/q sum_i d_i
 *   v <- beta v + (1 - beta) dbar^2
 *   theta <- theta - eta / (sqrt(v / (1 - beta^t)) + zeta) 1/q sum_i d_i z_i,   t = 1, 2, ...
 *
 * At q = 1 the first step is eta sign(d) z. With q > 1 the d_i cancel in dbar, so steps grow by about sqrt(q).
 * State: v and t, two numbers. Forward passes per step: 2 q.
 *
 * Not verified: the rule is taken from a third party's transcription, no code is released as far as known, and beta, zeta and eta are not
 * stated there: beta and zeta are Adam's here. The transcription corrects by 1 - beta^(t-1), which is zero at t = 1; here the count starts
 * one later. Weight decay is added to the gradient, not to dbar, and waits for the first dbar other than 0: before it there is nothing to divide
 * by. The variant with one number per group of parameters is not offered: its rule is not known.
 */
export const meazo = defineOptimizer({
  id: 'meazo',
  order: 'zeroth',
  // A step of eta z, where MeZO's is 1e-6 d z with |d| of the order of 10 on OPT.
  defaults: { learningRate: 1e-5, epsilon: 1e-3, weightDecay: 0 },
  options: { ...estimatorOptions, beta: share(0.999, 'decay of the second moment of d') },
  create(options) {
    const { beta } = options;
    return {
      cost: new Estimator(options).cost,
      stateArrays: 0,
      init: () => ({ estimator: new Estimator(options), v: 0, t: 0 }),
      async step(context, state: State) {
        const { loss, g, derivatives } = await state.estimator.estimate(context);
        const mean = derivatives.reduce((sum, d) => sum + d, 0) / derivatives.length;
        state.t += 1;
        state.v = beta * state.v + (1 - beta) * mean ** 2;
        const corrected = state.v / (1 - beta ** state.t);
        if (corrected !== 0) context.parameters.move(g, -context.learningRate / (Math.sqrt(corrected) + ZETA));
        return { loss };
      },
    };
  },
});
