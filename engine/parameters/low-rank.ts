import type { Heap } from '../kernels/heap.js';
import { noiseKey, standardNormal, type Seed } from '../kernels/noise.js';
import { CHUNK, type Pointer } from '../kernels/pointer.js';
import { isBuffers, isMatrix, movesParameter, type Buffers, type Direction, type Generated } from './direction.js';
import type { Parameter } from './parameter.js';
import type { Parameters } from './parameters.js';

/** How a matrix is factored: its elements, in their order, are [rows, columns] = [rows, rank] [rank, columns]. */
export interface Factoring {
  readonly rows: number;
  readonly columns: number;
  readonly rank: number;
}

export interface FactoredMatrix extends Factoring {
  readonly parameter: Parameter;
}

/** A [rows, rank] matrix for each parameter: a seed's noise, of which row i is elements i rank to (i + 1) rank, or what is stored. */
export type LeftFactor = Seed | Buffers;

/** Where the [rank, columns] matrix of a parameter lies. */
export type RightFactor = (parameter: Parameter) => Pointer;

/** The trainable matrices of a model with the way that each is factored: low-rank directions cost the memory of stored factors alone. */
export class FactoredMatrices {
  readonly all: readonly FactoredMatrix[];
  readonly #factorings: ReadonlyMap<Parameter, Factoring>;

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

  /** A zeroed buffer for a factor of each matrix. */
  allocate(count: (factoring: Factoring) => number): Buffers {
    return new Map(this.all.map((matrix) => [matrix.parameter.name, this.parameters.heap.allocate(count(matrix))]));
  }

  /** A zeroed buffer that is large enough for a factor of any of the matrices. */
  allocateOne(count: (factoring: Factoring) => number): Pointer {
    return this.parameters.heap.allocate(Math.max(0, ...this.all.map(count)));
  }

  /** A stored factor as the right one. */
  stored(factor: Buffers): RightFactor {
    return (parameter) => this.parameters.buffer(factor, parameter);
  }

  /** z = left right on the matrices, made a few rows at a time where it is used. */
  product(left: LeftFactor, right: RightFactor): Generated {
    return {
      moves: isMatrix,
      write: ({ parameters, parameter, first, count }, out) => {
        const { columns, rank } = this.of(parameter);
        const rightPointer = right(parameter);
        const rowsAtOnce = Math.floor(CHUNK / rank);
        parameters.withBuffer((buffer) => {
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
    if (isBuffers(left)) return this.parameters.buffer(left, parameter) + 4 * first;
    const { k0, k1 } = noiseKey(left, parameter.name);
    this.parameters.heap.kernels.normal(buffer, count, first, k0, k1);
    return buffer;
  }
}

/** With that rank, or the largest that both sides and a chunk allow. */
export const factoring = (rows: number, columns: number, rank: number): Factoring => ({
  rows,
  columns,
  rank: Math.min(rank, rows, columns, CHUNK),
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

/** A buffer for the right factor of one matrix at a time, made again where another one has used it since. */
export class FactorBuffer {
  readonly #buffer: Pointer;
  #maker: object | undefined;
  #parameter: Parameter | undefined;

  constructor(matrices: FactoredMatrices) {
    this.#buffer = matrices.allocateOne(({ rank, columns }) => rank * columns);
  }

  /** The factor that `make` writes to `out`, by itself the same each time. */
  factor(make: (parameter: Parameter, out: Pointer) => void): RightFactor {
    return (parameter) => {
      if (this.#maker !== make || this.#parameter !== parameter) make(parameter, this.#buffer);
      this.#maker = make;
      this.#parameter = parameter;
      return this.#buffer;
    };
  }
}

/**
 * So many orthonormal vectors, uniform over all such: Gaussian ones, orthonormalised by the modified Gram-Schmidt process, which is
 * the QR decomposition with a positive diagonal. In float64 and from the definition of the noise, for the condition number of a
 * square Gaussian matrix would multiply the kernels' rounding.
 */
export function orthonormalVectors(count: number, length: number, seed: Seed, name: string): readonly Float64Array[] {
  const key = noiseKey(seed, name);
  const vectors: Float64Array[] = [];
  for (let k = 0; k < count; k++) {
    const vector = new Float64Array(length);
    for (let i = 0; i < length; i++) vector[i] = standardNormal(key, k * length + i);
    for (const other of vectors) addScaled(vector, -inner(vector, other), other);
    const norm = Math.sqrt(inner(vector, vector));
    vectors.push(vector.map((value) => value / norm));
  }
  return vectors;
}

/** Writes vectors as the rows of a matrix. */
export function writeRows(heap: Heap, out: Pointer, vectors: readonly Float64Array[]): void {
  vectors.forEach((vector, k) => heap.floats(out + 4 * k * vector.length, vector.length).set(vector));
}

/** Writes vectors as the columns of a matrix. */
export function writeColumns(heap: Heap, out: Pointer, vectors: readonly Float64Array[]): void {
  const matrix = heap.floats(out, vectors.length * (vectors[0]?.length ?? 0));
  vectors.forEach((vector, k) => vector.forEach((value, i) => (matrix[i * vectors.length + k] = value)));
}

function inner(x: Float64Array, y: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += (x[i] ?? NaN) * (y[i] ?? NaN);
  return sum;
}

/** y <- y + scale x */
function addScaled(y: Float64Array, scale: number, x: Float64Array): void {
  for (let i = 0; i < y.length; i++) y[i] = (y[i] ?? NaN) + scale * (x[i] ?? NaN);
}
