import { byKind, Combination, FactoredMatrices, factoring, isMatrix, scaled } from '../engine/index.js';
import type { Factor, Parameters, RightFactor, Seed } from '../engine/index.js';
import { count, flag, share } from '../options/index.js';
import { defineOptimizer } from './parts/define.js';
import { descend, twoSided } from './parts/estimator.js';
import { LowRankMomentum } from './parts/low-rank-momentum.js';
import { isRefreshed, subspaceSeed } from './parts/subspace.js';

/**
 * LOZO, and LOZO-M with `momentum`: low-rank zeroth-order SGD (Chen et al. 2024, arXiv:2410.07698, ICLR 2025; Algorithms 1 and 2
 * as far as known). A matrix [m, n] is probed along U V^T, of which V lasts for nu steps; biases and norms along dense noise z.
 *
 *   every nu steps:  V ~ N(0, 1)^(n x r)
 *   U ~ N(0, 1)^(m x r)
 *   c = (L(theta + epsilon U V^T) - L(theta - epsilon U V^T)) / (2 epsilon)
 *   W <- W - eta c U V^T / r,   b <- b - eta c z
 *
 * With momentum, M [m, r] stands for M V^T, and is carried over to a new V; biases and norms have a dense one:
 *
 *   at a new V:      M <- M V_old^T V / n
 *   M <- beta1 M + (1 - beta1) c U   (the first: M <- c U),   W <- W - eta M V^T / r
 *
 * State: V, n r numbers for each matrix; with momentum M, m r more, and the biases' and norms'. Forward passes per step: 2.
 * `released`: without the 1/r, which the authors leave to the learning rate (github.com/optsuite/LOZO, issue 1). Momentum, its projection
 * and its first step are those of the released code (medium_models/src/LOZOtrainer.py); 1/r in it is the paper's estimate carried over.
 * Deviations from the code: V has a random stream of its own, where the code steps along another U than it probed whenever V is new;
 * momentum also works with nu = 1; r is at most m and n. The paper's own algorithms were not read, only the code and second hand.
 */
export const lozo = defineOptimizer({
  id: 'lozo',
  order: 'zeroth',
  // The larger learning rate of the released grid for OPT.
  defaults: { learningRate: 1e-6, epsilon: 1e-3, weightDecay: 0 },
  options: {
    rank: count(2, 'r (released run_lozo.py)'),
    interval: count(50, 'nu, the steps that a V lasts (released run_lozo.py)'),
    momentum: flag('LOZO-M'),
    beta1: share(0.9, 'of LOZO-M (released lozo.sh; its argument class has 0.7)'),
    released: flag('without 1/r, as the released code'),
  },
  create({ rank, interval, momentum, beta1, released }) {
    return {
      cost: { forwards: 2, backwards: 0 },
      stateArrays: 0,
      init: (parameters) => new Lozo(parameters, rank, momentum ? beta1 : undefined),
      async step(context, state: Lozo) {
        if (isRefreshed(context, interval)) state.redraw(subspaceSeed(context));
        const seed = context.seed(0);
        const z = byKind(state.matrices.product(seed, state.v), seed);
        const { loss, derivatives } = await twoSided(context, [z]);
        const [c = NaN] = derivatives;
        const estimate = state.momentum?.add(c, seed, state.v) ?? new Combination([{ direction: z, scale: c }]);
        const g = released ? estimate : scaled(estimate, (parameter) => (isMatrix(parameter) ? 1 / state.matrices.of(parameter).rank : 1));
        descend(context, { direction: g, scale: 1 });
        return { loss };
      },
    };
  },
});

class Lozo {
  readonly matrices: FactoredMatrices;
  readonly v: RightFactor;
  readonly momentum: LowRankMomentum | undefined;
  readonly #v: Factor;

  constructor(parameters: Parameters, rank: number, beta1: number | undefined) {
    this.matrices = new FactoredMatrices(parameters, ({ shape: [rows = 1, columns = 1] }) => factoring(rows, columns, rank));
    this.#v = this.matrices.allocate(['rank', 'columns']);
    this.v = this.matrices.stored(this.#v);
    this.momentum = beta1 === undefined ? undefined : new LowRankMomentum(this.matrices, beta1);
  }

  /** V ~ N(0, 1) */
  redraw(seed: Seed): void {
    if (this.momentum) this.momentum.project(this.#v, seed);
    else this.matrices.draw(this.#v, seed);
  }
}
