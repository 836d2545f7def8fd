import { byKind, Combination, FactoredMatrices, FactorBuffer, factoring } from '../engine/index.js';
import type { Factor, Generated, Parameters, Seed } from '../engine/index.js';
import { count, positive, probeCount } from '../options/index.js';
import { defineOptimizer } from './parts/define.js';
import { descend, oneSided } from './parts/estimator.js';
import { orthogonalisation, orthogonalisations } from './parts/newton-schulz.js';
import { isRefreshed, subspaceSeed } from './parts/subspace.js';

/**
 * ZO-Muon: Muon's orthogonalised step of a zeroth-order estimate within a random subspace of each matrix's rows
 * (the OPTML group 2026, arXiv:2602.17155). Biases and norms are probed along dense noise z_i and take plain steps.
 *
 *   every K steps:  P = the Q factor of a Gaussian matrix [m, r], diag(R) > 0
 *   u_i ~ N(0, 1)^(r x n),   d_i = (L(theta + epsilon P u_i) - L(theta)) / epsilon,   i = 1 ... N
 *   M = 1/N sum_i d_i u_i,   O = msign(M) by Newton-Schulz
 *   W <- W - eta P O,   b <- b - eta_1 1/N sum_i d_i z_i
 *
 * State: P, m r numbers for each matrix; the u_i are made again from their seeds. Forward passes per step: N + 1.
 * Source: the released code (github.com/OPTML-Group/ZO-Muon, llm/LowDimTrainer.py); of the paper only the abstract and second hand.
 * The step has none of Muon's factors for the matrix's shape, and no momentum. The code fixes eta_1 at 1e-7 with eta = 1e-2;
 * here it is a multiple of eta, `vectorRate`, which at its default gives the same at the same eta and follows eta's schedule.
 * Deviations: P is the same for all probes of a step, where the code draws another for each whenever P is new; r is at most m.
 */
export const zoMuon = defineOptimizer({
  id: 'zo-muon',
  order: 'zeroth',
  // llm/README.md
  defaults: { learningRate: 1e-2, epsilon: 1e-3, weightDecay: 0 },
  options: {
    rank: count(32, 'r (released llm/README.md: 64, for widths of thousands)'),
    interval: count(100, 'K, the steps that a P lasts (released llm/README.md)'),
    samples: probeCount(4, 'N (released llm/README.md)'),
    vectorRate: positive(1e-5, 'eta_1 / eta, of biases and norms (released: 1e-7 / 1e-2)'),
  },
  create({ rank, interval, samples, vectorRate }) {
    return {
      cost: { forwards: samples + 1, backwards: 0 },
      stateArrays: 0,
      init: (parameters) => new Subspace(parameters, rank),
      async step(context, subspace: Subspace) {
        if (isRefreshed(context, interval)) subspace.redraw(subspaceSeed(context));
        const seeds = Array.from({ length: samples }, (_, i) => context.seed(i));
        const directions = seeds.map((seed) => subspace.direction(seed));
        const { loss, derivatives } = await oneSided(context, directions);
        const mean = new Combination(seeds.map((direction, i) => ({ direction, scale: (derivatives[i] ?? NaN) / samples })));
        const vectors = new Combination([{ direction: mean, scale: vectorRate }]);
        const g = byKind(subspace.orthogonalised(mean), vectors);
        descend(context, { direction: g, scale: 1 });
        return { loss };
      },
    };
  },
});

class Subspace {
  readonly #matrices: FactoredMatrices;
  readonly #p: Factor;
  readonly #right: FactorBuffer;

  constructor(parameters: Parameters, rank: number) {
    this.#matrices = new FactoredMatrices(parameters, ({ shape: [rows = 1, columns = 1] }) => factoring(rows, columns, rank, rows));
    this.#p = this.#matrices.allocate(['rows', 'rank']);
    this.#right = new FactorBuffer(
      this.#matrices,
      orthogonalisations.map((program) => ({ program })),
    );
  }

  /** P, uniform over the matrices with orthonormal columns */
  redraw(seed: Seed): void {
    this.#matrices.drawOrthonormal(this.#p, seed);
  }

  /** P u on the matrices, z elsewhere */
  direction(seed: Seed): Generated {
    return byKind(this.#matrices.product(this.#p, this.#right.drawn(seed)), seed);
  }

  /** P msign(M), where M is that sum of the u */
  orthogonalised(mean: Combination): Generated {
    const o = this.#right.made((matrix) => orthogonalisation(matrix).on({ x: mean }));
    return this.#matrices.product(this.#p, o);
  }
}
