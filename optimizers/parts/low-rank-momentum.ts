import { byKind, isMatrix, matrixProgram, MatrixPrograms, operators, program } from '../../engine/index.js';
import type { Buffers, Direction, Factor, FactoredMatrices, RightFactor, Seed } from '../../engine/index.js';

const { add, matmul, scale, transposeLast } = operators;

/** M <- M V_old^T V / n and V_old <- V; V is stored as its transpose. */
const projection = matrixProgram(
  { m: ['rows', 'rank'], old: ['rank', 'columns'], v: ['rank', 'columns'] },
  ['inverse'],
  ({ m, old, v }, { inverse }) => ({ m: matmul(m, scale(matmul(old, transposeLast(v)), inverse)), old: v }),
);

const accumulation = program({ arrays: ['m', 'u'], scalars: ['beta', 'c'] }, ({ m, u }, { beta, c }) => ({
  m: add(scale(m, beta), scale(u, c)),
}));

/**
 * The momentum of low-rank steps c U V^T as a factor M [rows, rank] of M V^T; biases and norms have a dense one of steps c z.
 *
 *   M <- beta1 M + (1 - beta1) c U,   the first M being c U
 */
export class LowRankMomentum {
  readonly #m: Factor;
  /** Of the biases and norms. */
  readonly #dense: Buffers;
  readonly #programs: MatrixPrograms;
  #isBegun = false;

  constructor(
    readonly matrices: FactoredMatrices,
    readonly beta1: number,
  ) {
    this.#dense = matrices.parameters.allocateBuffers((parameter) => !isMatrix(parameter));
    this.#m = matrices.allocate(['rows', 'rank']);
    this.#programs = new MatrixPrograms(matrices, [{ program: projection, noise: ['v'] }]);
  }

  /** Brings M, and V with it, to the V of the seed. */
  project(v: Factor, seed: Seed): void {
    this.#programs.run(({ columns }) => projection.on({ m: this.#m, old: v, v: seed }, { inverse: 1 / columns }));
  }

  /** M <- beta1 M + (1 - beta1) c U, and the direction that M now is with V. */
  add(c: number, seed: Seed, v: RightFactor): Direction {
    const beta = this.#isBegun ? this.beta1 : 0;
    this.#isBegun = true;
    const scalars = { beta, c: (1 - beta) * c };
    this.matrices.update(['rows', 'rank'], accumulation.on({ m: this.#m, u: seed }, scalars));
    this.matrices.parameters.update(accumulation.on({ m: this.#dense, u: seed }, scalars));
    return byKind(this.matrices.product(this.#m, v), this.#dense);
  }
}
