import { noiseKey, type Seed } from '../kernels/noise.js';
import { CHUNK, type Pointer } from '../kernels/pointer.js';
import type { Application } from '../programs/program.js';
import { isMatrix, movesParameter, type Buffers, type Direction, type Generated } from './direction.js';
import type { Combination } from './generated.js';
import { orthonormalVectors, writeColumns, writeRows } from './orthonormal.js';
import type { Parameter } from './parameter.js';
import type { Parameters } from './parameters.js';
import { updateInChunks } from './update.js';

/** How a matrix is factored: its elements, in their order, are [rows, columns] = [rows, rank] [rank, columns]. */
export interface Factoring {
  readonly rows: number;
  readonly columns: number;
  readonly rank: number;
}

export interface FactoredMatrix extends Factoring {
  readonly parameter: Parameter;
}

/** The sides of a factor. */
export type FactorShape = readonly [keyof Factoring, keyof Factoring];

/** A matrix of that shape for each of the factored ones. */
export interface Factor {
  readonly shape: FactorShape;
  readonly arrays: Buffers;
}

/** A factor as noise: its elements are those of the seed, row by row; or a sum of such. */
export type Noise = Seed | Combination;

/** A [rows, rank] matrix for each parameter: stored, or a seed's noise. */
export type LeftFactor = Factor | Seed;

/** Where the [rank, columns] matrix of a parameter lies. */
export type RightFactor = (parameter: Parameter) => Pointer;

/** The trainable matrices of a model with the way that each is factored: low-rank directions cost the memory of stored factors alone. */
export class FactoredMatrices {
  readonly all: readonly FactoredMatrix[];
  readonly #factorings: ReadonlyMap<Parameter, Factoring>;
  readonly #shaped = new Map<string, readonly Parameter[]>();

  constructor(
    readonly parameters: Parameters,
    factor: (parameter: Parameter) => Factoring,
  ) {
    this.#factorings = new Map(parameters.trainable.filter(isMatrix).map((parameter) => [parameter, factor(parameter)]));
    this.all = [...this.#factorings].map(([parameter, factoring]) => ({ parameter, ...factoring }));
  }

  of(parameter: Parameter): Factoring {
    const factoring = this.#factorings.get(parameter);
    if (!factoring) throw new Error(`${parameter.name} is not factored`);
    return factoring;
  }

  /** A zeroed factor of each matrix. */
  allocate(shape: FactorShape): Factor {
    const { heap } = this.parameters;
    return { shape, arrays: new Map(this.all.map((matrix) => [matrix.parameter.name, heap.allocate(elementsOf(shape, matrix))])) };
  }

  /** Fills a factor with a seed's noise. */
  draw({ shape, arrays }: Factor, seed: Seed): void {
    for (const matrix of this.all)
      this.writeNoise(matrix.parameter, elementsOf(shape, matrix), seed, this.parameters.buffer(arrays, matrix.parameter));
  }

  /** Fills a factor with orthonormal vectors along its longer side, uniform over all such: its columns, or its rows. */
  drawOrthonormal({ shape: [first, second], arrays }: Factor, seed: Seed): void {
    for (const matrix of this.all) {
      const out = this.parameters.buffer(arrays, matrix.parameter);
      const vectors = orthonormalVectors(matrix.rank, matrix[first === 'rank' ? second : first], seed, matrix.parameter.name);
      (first === 'rank' ? writeRows : writeColumns)(this.parameters.heap, out, vectors);
    }
  }

  /** Runs a program on the elements of factors of that shape, as {@link Parameters.update} does on those of parameters. */
  update(shape: FactorShape, ...applications: readonly Application<Factor | Seed>[]): void {
    updateInChunks(this.parameters, this.#factors(shape), applications.map(withBuffers));
  }

  /** Parameters of the same names that have the factors' sizes. */
  #factors(shape: FactorShape): readonly Parameter[] {
    const factors = this.#shaped.get(shape.join()) ?? this.all.map((matrix) => sized(matrix.parameter, elementsOf(shape, matrix)));
    this.#shaped.set(shape.join(), factors);
    return factors;
  }

  /** The same as the right factor. */
  stored({ arrays }: Factor): RightFactor {
    return (parameter) => this.parameters.buffer(arrays, parameter);
  }

  /** z = left right on the matrices, made a few rows at a time where it is used. */
  product(left: LeftFactor, right: RightFactor): Generated {
    return {
      moves: isMatrix,
      write: ({ parameters, parameter, first, count }, out) => {
        const { columns, rank } = this.of(parameter);
        const rightPointer = right(parameter);
        const rowsAtOnce = Math.floor(CHUNK / rank);
        parameters.withBuffers(1, ([buffer = NaN]) => {
          for (let at = first; at < first + count;) {
            const row = Math.floor(at / columns);
            const end = Math.min(first + count, (row + rowsAtOnce) * columns);
            const rows = this.#leftRows(left, parameter, row * rank, (Math.ceil(end / columns) - row) * rank, buffer);
            parameters.heap.kernels.lowRank(out + 4 * (at - first), end - at, at - row * columns, columns, rank, rows, rightPointer);
            at = end;
          }
        });
      },
    };
  }

  /** `count` elements of the left factor from `first` on: where they lie, or written to `buffer`. */
  #leftRows(left: LeftFactor, parameter: Parameter, first: number, count: number, buffer: Pointer): Pointer {
    if (typeof left !== 'number') return this.parameters.buffer(left.arrays, parameter) + 4 * first;
    const { k0, k1 } = noiseKey(left, parameter.name);
    this.parameters.heap.kernels.normal(buffer, count, first, k0, k1);
    return buffer;
  }

  /** The first elements of the noise of a parameter's name. */
  writeNoise(parameter: Parameter, count: number, noise: Noise, out: Pointer): void {
    this.parameters.writeDirection(parameter, 0, count, noise, out);
  }
}

const sized = ({ name, shape, stage, local, trainable, pointer }: Parameter, count: number): Parameter => {
  return { name, shape, stage, local, trainable, pointer, count };
};

export const elementsOf = ([first, second]: FactorShape, factoring: Factoring): number => factoring[first] * factoring[second];

const withBuffers = ({ arrays, ...application }: Application<Factor | Seed>): Application<Direction> => ({
  ...application,
  arrays: Object.fromEntries(Object.entries(arrays).map(([name, bound]) => [name, typeof bound === 'number' ? bound : bound.arrays])),
});

/** With that rank, or the largest that both sides, or another limit, and a chunk allow. */
export const factoring = (rows: number, columns: number, rank: number, largest = Math.min(rows, columns)): Factoring => ({
  rows,
  columns,
  rank: Math.min(rank, largest, CHUNK),
});

/** One direction for the matrices, another for the biases and norms. */
export function byKind(matrices: Direction, vectors: Direction): Generated {
  const directionFor = (parameter: Parameter): Direction => (isMatrix(parameter) ? matrices : vectors);
  return {
    moves: (parameter) => movesParameter(directionFor(parameter), parameter),
    write: ({ parameters, parameter, first, count }, out) =>
      parameters.writeDirection(parameter, first, count, directionFor(parameter), out),
  };
}
