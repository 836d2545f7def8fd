import { describe, expect, test } from '@jest/globals';
import { Heap, type Kernels, type Pointer } from '../../../engine/index.js';
import { arbitrary, farthest } from '../../support/engine-numbers.js';

/** More than seven chunks, and no multiple of one. */
const COUNT = 30_001;
/** Too little for two arrays: each lies in a memory of its own. */
const MEMORY = 2 ** 18;
const KEY = [123, -456] as const;

const memoryOf = (pointer: Pointer): number => Math.floor(pointer / 2 ** 32);

type Call = (kernels: Kernels, arrays: readonly [Pointer, Pointer, Pointer, Pointer]) => unknown;

/** Each with arrays of its own, and where kernels work in place, so. */
const calls: Readonly<Record<string, Call>> = {
  normal: (kernels, [a]) => kernels.normal(a, COUNT, 3, ...KEY),
  perturb: (kernels, [a, b, c]) => kernels.perturb(a, b, c, COUNT, 3, 0.5, ...KEY),
  mirror: (kernels, [a, b, c, d]) => kernels.mirror(a, b, c, d, COUNT, 0.5),
  addNoise: (kernels, [a]) => kernels.addNoise(a, a, COUNT, 3, 0.5, ...KEY),
  addScaled: (kernels, [a, b]) => kernels.addScaled(a, b, a, COUNT, 0.5),
  noiseSquares: (kernels) => kernels.noiseSquares(COUNT, ...KEY),
  rademacher: (kernels, [, b]) => kernels.rademacher(b, COUNT, 3, ...KEY),
  keepRandom: (kernels, [a]) => kernels.keepRandom(a, COUNT, 3, 2 ** 30, ...KEY),
  keepSmall: (kernels, [a, b]) => kernels.keepSmall(a, b, COUNT, 0.5),
  countAbove: (kernels, [a]) => kernels.countAbove(a, COUNT, 2 ** 29),
  blend: (kernels, [a, b, c]) => kernels.blend(a, b, c, COUNT, 0.5, 0.25),
  blendSquare: (kernels, [a, b]) => kernels.blendSquare(a, a, b, COUNT, 0.5, 0.25),
  multiply: (kernels, [a, b]) => kernels.multiply(a, b, a, COUNT),
  overRoot: (kernels, [a, b]) => kernels.overRoot(a, a, b, COUNT),
  sign: (kernels, [a, b]) => kernels.sign(a, b, COUNT),
  adamStep: (kernels, [a, b, c]) => kernels.adamStep(a, b, c, COUNT, 0.5, 0.25, 1e-8),
  copy: (kernels, [a, b]) => kernels.copy(a, b, COUNT),
  fill: (kernels, [a]) => kernels.fill(a, COUNT, 0.5),
};

/** What the call leaves in four arrays, the second and third not negative, and what it gives. */
function outcome(heap: Heap, call: Call): { given: unknown; memories: number; arrays: number[][] } {
  const pointers = [1, 2, 3, 4].map(() => heap.allocateArray(COUNT));
  const arrays = pointers.map((pointer, k) => {
    const seed = k + 1;
    heap.floats(pointer, COUNT).set(arbitrary(COUNT, seed).map((value) => (seed === 2 || seed === 3 ? Math.abs(value) : value)));
    return pointer;
  });
  const given = call(heap.kernels, arrays as unknown as Parameters<Call>[1]);
  const memories = new Set(pointers.map(memoryOf)).size;
  return { given, memories, arrays: arrays.map((pointer) => [...heap.floats(pointer, COUNT)]) };
}

describe('a kernel on arrays of several memories', () => {
  const small = (): Heap => new Heap({ memory: MEMORY, stored: 0 });

  test.each(Object.keys(calls))('does what it does in one: %s', (name) => {
    const call = calls[name] ?? (() => undefined);
    const [apart, together] = [outcome(small(), call), outcome(new Heap(), call)];
    expect([apart.memories, together.memories]).toEqual([4, 1]);
    expect(apart.given ?? 0).toBe(together.given ?? 0);
    for (const [k, array] of apart.arrays.entries()) expect(farthest(array, together.arrays[k] ?? [])).toBe(0);
  });

  test('sums over all of them', () => {
    const dot: Call = (kernels, [a, b]) => kernels.dot(a, b, COUNT);
    const [apart, together] = [outcome(small(), dot), outcome(new Heap(), dot)];
    expect(apart.memories).toBe(4);
    expect(apart.given).toBeCloseTo(together.given as number, 8);
  });

  test('looks anywhere in the first one alone', () => {
    const heap = small();
    const [near, far] = [heap.allocate(64), heap.allocateArray(64)];
    expect(() => heap.kernels.transpose(near, far, 8, 8)).toThrow('transpose cannot go through these arrays of several memories');
  });
});

test('what is stored goes to the first memory, then to as many more as it takes; the first keeps room for the rest', () => {
  const heap = new Heap({ memory: MEMORY, stored: 2 ** 17 });
  const pointers = [1, 2, 3].map(() => heap.allocateArray(2 ** 14)); // 64 KiB behind the 64 KiB of the kernels' own
  expect(pointers.map(memoryOf)).toEqual([0, 1, 1]);
  expect(memoryOf(heap.allocateArray(2 ** 15))).toBe(2);
  expect(heap.allocate(64)).toBeLessThan(MEMORY);
});
