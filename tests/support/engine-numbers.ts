import { standardNormal } from '../../engine/index.js';

/** Largest |actual_i - expected_i|; infinite where the lengths differ or a number is NaN. */
export function farthest(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Infinity;
  let largest = 0;
  for (let i = 0; i < actual.length; i++) {
    const distance = Math.abs((actual[i] ?? NaN) - (expected[i] ?? NaN));
    if (Number.isNaN(distance)) return Infinity;
    largest = Math.max(largest, distance);
  }
  return largest;
}

export const relativeError = (actual: number, expected: number): number => Math.abs(actual - expected) / Math.abs(expected);

/** `count` numbers of normal size without a pattern, the same for the same `stream`. */
export function arbitrary(count: number, stream: number): number[] {
  return Array.from({ length: count }, (_, element) => standardNormal({ k0: stream, k1: -stream }, element));
}

export function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? NaN) * (b[i] ?? NaN);
  return sum;
}

export const elementCount = (dims: readonly number[]): number => dims.reduce((a, b) => a * b, 1);
