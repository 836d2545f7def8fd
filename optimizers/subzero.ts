import { byKind, FactoredMatrices, FactorBuffer, factoring, matrixProgram, operators } from '../engine/index.js';
import type { Factor, Generated, Parameters } from '../engine/index.js';
import { count } from '../options/index.js';
import type { StepContext } from './optimizer.js';
import { defineOptimizer } from './parts/define.js';
import { descend, twoSided } from './parts/estimator.js';
import { isRefreshed, subspaceSeed } from './parts/subspace.js';

/**
 * SubZero: zeroth-order SGD in random subspaces, a pair of them for each matrix (Yu et al. 2024, arXiv:2410.08989, ICCV 2025;
 * Algorithms 1 to 3 as far as known). Biases and norms are probed along dense noise.
 *
 *   every T0 steps:  U, V = the Q factors of Gaussian matrices [m, r] and [n, r]
 *   S ~ N(0, 1)^(r x r),   Z = mu U S V^T,   mu = sqrt(m n / r^2)
 *   rho = (L(theta + epsilon Z) - L(theta - epsilon Z)) / (2 epsilon)
 *   W <- W - eta rho Z
 *
 * mu makes Z as long as dense noise on average, so that MeZO's eta and epsilon fit; the paper describes it apart from its
 * algorithm, the released code (github.com/zimingyy/SubZero, large_models/trainer.py) has it in probe and step, and so has this.
 * Where a part of the model is frozen, as under LoRA, a matrix is taken as one of m n elements that is as nearly square as can be;
 * the released code does so in its parameter-efficient modes. r is at most m and n.
 * State: U and V, (m + n) r numbers for each matrix. Forward passes per step: 2.
 * Deviation: weight decay, which the code leaves out. The paper's own algorithms were not read, only the code and second hand.
 */
export const subzero = defineOptimizer({
  id: 'subzero',
  order: 'zeroth',
  // MeZO's, which the norm alignment is made for.
  defaults: { learningRate: 1e-6, epsilon: 1e-3, weightDecay: 0 },
  options: {
    rank: count(8, 'r (released run.py)'),
    interval: count(1000, "T0, the steps that a subspace lasts (the paper's ablation; released run.py has 2000)"),
  },
  create({ rank, interval }) {
    return {
      cost: { forwards: 2, backwards: 0 },
      stateArrays: 0,
      init: (parameters) => new Subspaces(parameters, rank),
      async step(context, subspaces: Subspaces) {
        if (isRefreshed(context, interval)) subspaces.redraw(context);
        const z = subspaces.direction(context);
        const { loss, derivatives } = await twoSided(context, [z]);
        const [rho = NaN] = derivatives;
        descend(context, { direction: z, scale: rho });
        return { loss };
      },
    };
  },
});

const { matmul, scale } = operators;

/** mu S V^T; V is stored as its transpose. */
const scaledProduct = matrixProgram({ s: ['rank', 'rank'], v: ['rank', 'columns'] }, ['mu'], ({ s, v }, { mu }) => ({
  x: matmul(scale(s, mu), v),
}));

class Subspaces {
  readonly #matrices: FactoredMatrices;
  readonly #u: Factor;
  readonly #v: Factor;
  readonly #right: FactorBuffer;

  constructor(parameters: Parameters, rank: number) {
    const isPartlyFrozen = parameters.all.some(({ trainable }) => !trainable);
    this.#matrices = new FactoredMatrices(parameters, ({ shape, count }) => {
      const [rows = 1, columns = 1] = isPartlyFrozen ? nearSquare(count) : shape;
      return factoring(rows, columns, rank);
    });
    this.#u = this.#matrices.allocate(['rows', 'rank']);
    this.#v = this.#matrices.allocate(['rank', 'columns']);
    this.#right = new FactorBuffer(this.#matrices, [{ program: scaledProduct, noise: ['s'] }]);
  }

  /** U and V, uniform over the orthonormal ones */
  redraw(context: StepContext): void {
    this.#matrices.drawOrthonormal(this.#u, subspaceSeed(context, 0));
    this.#matrices.drawOrthonormal(this.#v, subspaceSeed(context, 1));
  }

  /** Z = U (mu S V^T) on the matrices, dense noise elsewhere */
  direction({ seed }: StepContext): Generated {
    const z = seed(0);
    const right = this.#right.made(({ rows, columns, rank }) => {
      return scaledProduct.on({ s: z, v: this.#v }, { mu: Math.sqrt(rows * columns) / rank });
    });
    return byKind(this.#matrices.product(this.#u, right), z);
  }
}

/** The two factors of a number that are closest to each other, the smaller one first. */
function nearSquare(count: number): readonly [number, number] {
  let rows = Math.floor(Math.sqrt(count));
  while (count % rows !== 0) rows -= 1;
  return [rows, count / rows];
}
