import { describe, expect, test } from '@jest/globals';
import { WasmHeap } from '../../../engine/index.js';
import { arbitrary } from '../../support/engine-numbers.js';

const heap = new WasmHeap();
const { kernels } = heap;
const LENGTH = 300;
const SENTINEL = 0x5a5a5a5a;
const [x, counts, marks] = [heap.allocate(LENGTH), heap.allocate(256), heap.allocate(LENGTH)];

const words = (pointer: number, count: number): Uint32Array => new Uint32Array(heap.floats(pointer, count).buffer, pointer, count);

/** Writes numbers with many equal magnitudes among them; gives the bits of the magnitudes. */
function given(count: number): number[] {
  heap.floats(x, count).set(arbitrary(count, 1).map((value, i) => (i % 3 === 0 ? Math.sign(value) : value)));
  heap.floats(x, count).set([0, -0, 1e-40, -3e38].slice(0, count));
  return Array.from(words(x, count), (word) => word & 0x7fffffff);
}

describe.each([1, 4, 31, 32, 33, 64, 257])('of %i elements', (count) => {
  test('tally counts every digit of those that begin alike, on top of what was counted', () => {
    const bits = given(count);
    for (const shift of [24, 16, 8, 0]) {
      const prefix = shift === 24 ? 0 : (bits.at(-1) ?? NaN) >>> (shift + 8);
      words(counts, 256).fill(5);
      kernels.tally(counts, x, count, prefix, shift);
      const expected = new Array<number>(256).fill(5);
      for (const value of bits) {
        const digit = (value >>> shift) & 255;
        if (Math.floor(value / 2 ** (shift + 8)) === prefix) expected[digit] = (expected[digit] ?? NaN) + 1;
      }
      expect([...words(counts, 256)]).toEqual(expected);
    }
  });

  test('countAbove counts the larger ones, all of them from -1 on', () => {
    const bits = given(count);
    for (const threshold of [-1, 0, ...bits]) {
      expect(kernels.countAbove(x, count, threshold)).toBe(bits.filter((value) => value > threshold).length);
    }
  });

  test('ranked gives the bits of the element of each rank, beyond all of them for rank 0', () => {
    const falling = given(count).sort((a, b) => b - a);
    falling.forEach((value, index) => expect(kernels.ranked(x, count, index + 1)).toBe(value));
    expect(kernels.ranked(x, count, 0)).toBe(0x7fffffff);
  });

  test.each([0, 5, 31, 32])('mark sets the bits of the larger ones and of the first ties from bit %i on, and touches no other', (first) => {
    const bits = given(count);
    const threshold = bits[0] ?? NaN;
    const tied = bits.filter((value) => value === threshold).length;
    for (const ties of [0, 1, tied, tied + 2]) {
      words(marks, LENGTH).fill(SENTINEL);
      const before = [...words(marks, LENGTH)];
      expect(kernels.mark(marks, first, x, count, threshold, ties)).toBe(Math.max(0, ties - tied));
      let left = ties;
      const expected = bits.map((value) => value > threshold || (value === threshold && left-- > 0));
      const bit = (from: ArrayLike<number>, at: number): boolean => (((from[at >> 5] ?? NaN) >>> (at & 31)) & 1) === 1;
      const after = words(marks, LENGTH);
      for (let at = 0; at < 32 * LENGTH; at++) {
        const inside = at >= first && at < first + count;
        if (bit(after, at) !== (inside ? expected[at - first] : bit(before, at))) throw new Error(`bit ${at} is wrong`);
      }
    }
  });
});
