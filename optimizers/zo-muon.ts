import { byKind, CHUNK, Combination, FactoredMatrices, FactorBuffer, noiseKey, orthonormalVectors, writeColumns } from '../engine/index.js';
import type { Buffers, Generated, Parameters, Seed } from '../engine/index.js';
import { count, positive, probeCount } from '../options/index.js';
import { defineOptimizer } from './parts/define.js';
import { descend, oneSided } from './parts/estimator.js';
import { NewtonSchulz } from './parts/newton-schulz.js';
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
        const terms = seeds.map((seed, i) => ({ seed, scale: (derivatives[i] ?? NaN) / samples }));
        const vectors = new Combination(terms.map(({ seed, scale }) => ({ direction: seed, scale: vectorRate * scale })));
        const g = byKind(subspace.orthogonalised(terms), vectors);
        descend(context, { direction: g, scale: 1 });
        return { loss };
      },
    };
  },
});

/** d_i / N, and the seed of u_i and z_i */
interface Term {
  readonly seed: Seed;
  readonly scale: number;
}

class Subspace {
  readonly #matrices: FactoredMatrices;
  readonly #p: Buffers;
  readonly #right: FactorBuffer;
  readonly #newtonSchulz: NewtonSchulz;

  constructor(parameters: Parameters, rank: number) {
    this.#matrices = new FactoredMatrices(parameters, ({ shape: [rows = 1, columns = 1] }) => {
      return { rows, columns, rank: Math.min(rank, rows, CHUNK) };
    });
    this.#p = this.#matrices.allocate(({ rows, rank }) => rows * rank);
    this.#right = new FactorBuffer(this.#matrices);
    const shapes = this.#matrices.all.map(({ rank, columns }) => ({ rows: rank, columns }));
    this.#newtonSchulz = new NewtonSchulz(parameters.heap, shapes);
  }

  /** P, uniform over the matrices with orthonormal columns */
  redraw(seed: Seed): void {
    const { parameters } = this.#matrices;
    for (const { parameter, rows, rank } of this.#matrices.all) {
      writeColumns(parameters.heap, parameters.buffer(this.#p, parameter), orthonormalVectors(rank, rows, seed, parameter.name));
    }
  }

  /** P u on the matrices, z elsewhere */
  direction(seed: Seed): Generated {
    const { kernels } = this.#matrices.parameters.heap;
    const u = this.#right.factor((parameter, out) => {
      const { rank, columns } = this.#matrices.of(parameter);
      const { k0, k1 } = noiseKey(seed, parameter.name);
      kernels.normal(out, rank * columns, 0, k0, k1);
    });
    return byKind(this.#matrices.product(this.#p, u), seed);
  }

  /** P msign(M), where M is the sum of the terms' scale u */
  orthogonalised(terms: readonly Term[]): Generated {
    const { kernels } = this.#matrices.parameters.heap;
    const o = this.#right.factor((parameter, m) => {
      const { rank, columns } = this.#matrices.of(parameter);
      kernels.fill(m, rank * columns, 0);
      for (const { seed, scale } of terms) {
        const { k0, k1 } = noiseKey(seed, parameter.name);
        kernels.addNoise(m, m, rank * columns, 0, scale, k0, k1);
      }
      this.#newtonSchulz.apply(m, rank, columns);
    });
    return this.#matrices.product(this.#p, o);
  }
}
