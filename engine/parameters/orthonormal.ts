import type { Heap } from '../kernels/heap.js';
import { noiseKey, standardNormal, type Seed } from '../kernels/noise.js';
import type { Pointer } from '../kernels/pointer.js';

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
