import { z } from 'zod';
import { HERE, rademacher } from '../engine/index.js';
import { defineOptimizer } from './parts/define.js';
import { descend } from './parts/estimator.js';

/**
 * FZOO: one-sided probes along random signs, with a step divided by the spread of their losses (Dang et al. 2025, arXiv:2506.09034; the
 * rule is that of the released trainer.py of DKmiyan/FZOO).
 *
 *   u_i in {-1, 1}^n at random,   i = 1 ... q
 *   l_0 = L(theta),   l_i = L(theta + epsilon u_i)
 *   sigma^2 = 1/q sum_i (l_i - mean(l))^2
 *   theta <- theta - eta 1/q sum_i (l_i - l_0) / sigma u_i
 *
 * sigma stands for epsilon |grad L|, so the step's length does not depend on the gradient's: about eta sqrt(n / q). Where the gradient
 * vanishes sigma does too, but l_i - l_0 keeps the curvature's epsilon^2: epsilon must be small enough for that not to happen.
 * State: none. Forward passes per step: q + 1.
 *
 * The paper, by a third party's transcription, divides by epsilon as well, so that its eta is epsilon times this one, and has 1/(q - 1) in
 * sigma; the learning rates of the released scripts are for the rule above. Deviations from the released code, where sigma = 0 gives NaN
 * and weight decay is ignored: theta stays where all probes lose the same, and decay is added to the step. Not verified: the paper's text.
 * Its variant FZOO-R, which uses losses again, is not offered: the released code never reaches it.
 */
export const fzoo = defineOptimizer({
  id: 'fzoo',
  order: 'zeroth',
  // The released fzoo.sh, as is q.
  defaults: { learningRate: 1e-5, epsilon: 1e-3, weightDecay: 0 },
  options: { q: z.coerce.number().int().min(2).default(8).describe('directions per step, at least 2: one loss has no spread') },
  create({ q }) {
    return {
      cost: { forwards: q + 1, backwards: 0 },
      stateArrays: 0,
      init: () => undefined,
      async step(context) {
        const { epsilon, losses } = context;
        const directions = Array.from({ length: q }, (_, query) => rademacher(context.seed(query)));
        const [l0 = NaN] = await losses(HERE);
        const l: number[] = [];
        for (const direction of directions) l.push(...(await losses({ direction, scale: epsilon })));

        const mean = l.reduce((sum, li) => sum + li, 0) / q;
        const sigma = Math.sqrt(l.reduce((sum, li) => sum + (li - mean) ** 2, 0) / q);
        const terms = directions.map((direction, i) => ({ direction, scale: sigma === 0 ? 0 : ((l[i] ?? NaN) - l0) / (q * sigma) }));
        descend(context, ...terms);
        return { loss: l0 };
      },
    };
  },
});
