import { uniforms, type Point } from '../engine/index.js';
import { defineOptimizer } from './parts/define.js';
import { descend, estimatorOptions } from './parts/estimator.js';

/** First entry of the paths whose seeds draw r; directions have 0, 1, ... */
const RADII = -1;

/**
 * KerZOO: ZO-SGD with probes of a random size r, weighed by a kernel under which the finite difference's third-order bias vanishes
 * (Mi, Tan, Yu, Zhu, Yuan and Huang 2025, arXiv:2505.18886).
 *
 *   z_i ~ N(0, I),  r_i ~ U[-1, 1]
 *   d_i = (L(theta + epsilon r_i z_i) - L(theta - epsilon r_i z_i)) / (2 epsilon)
 *   theta <- theta - eta/q sum_i d_i K(r_i) z_i
 *   K(r) = 15/4 r (5 - 7 r^2):  E[r K] = 1,  E[r^3 K] = 0
 *
 * E[(r K)^2] = 25/4: the estimate's second moment is that many times ZO-SGD's, and r K is negative, a step uphill, for 15.5 % of the r.
 * State: none. Forward passes per step: 2 q.
 *
 * Not verified: the rule is taken from a third party's transcription; of the released code only the README was seen. It speaks of clipping
 * and of an interval of r that shrinks as steps increase, without their values; neither is in the stated rule, so neither is here. The
 * paper's constant C before K is part of eta.
 */
export const kerzoo = defineOptimizer({
  id: 'kerzoo',
  order: 'zeroth',
  // The README's, for OPT-2.7B on SST-2.
  defaults: { learningRate: 1e-6, epsilon: 1e-3, weightDecay: 0 },
  options: { q: estimatorOptions.q },
  create({ q }) {
    return {
      cost: { forwards: 2 * q, backwards: 0 },
      stateArrays: 0,
      init: () => undefined,
      async step(context) {
        const { epsilon, losses, seed } = context;
        const terms: Point[] = [];
        let loss = 0;
        for (let query = 0; query < q; query++) {
          const z = seed(query);
          const r = 2 * uniforms(seed(RADII, query))() - 1;
          const [plus = NaN, minus = NaN] = await losses({ direction: z, scale: epsilon * r }, { direction: z, scale: -epsilon * r });
          const d = (plus - minus) / (2 * epsilon);
          terms.push({ direction: z, scale: (d * kernel(r)) / q });
          loss += (plus + minus) / (2 * q);
        }
        descend(context, ...terms);
        return { loss };
      },
    };
  },
});

/** K(r) */
const kernel = (r: number): number => (15 / 4) * r * (5 - 7 * r ** 2);
