import { describe, expect, test } from '@jest/globals';
import { WasmHeap, type Pointer } from '../../../engine/index.js';
import { KERNELS, type KernelName } from '../../../engine/kernels/table.js';
import { arbitrary } from '../../support/engine-numbers.js';

/** More than seven chunks, and no multiple of one. */
const COUNT = 30_001;
/** Too little for two arrays: each lies in a memory of its own. */
const MEMORY = 2 ** 18;
/** Sums of chunks are added in another order than one sum of all, in double precision. */
const ORDER = 1e-12;

const memoryOf = (pointer: Pointer): number => Math.floor(pointer / 2 ** 32);

/** Each array on its own, or two that take turns: what is written may be what is read. */
const ARRANGEMENTS = { apart: 4, 'in place': 2 } as const;
/** As scales and as thresholds on bits. */
const VALUES = [0.5, 2 ** 29];

/** Kernels that go through arrays element by element. */
const names = (Object.keys(KERNELS) as KernelName[]).filter(
  (name) => KERNELS[name].isAdditive && KERNELS[name].roles.every((role) => role !== 'whole'),
);

/** Of the arrays; the second one is not negative. */
const contents = [1, 2, 3, 4].map((seed) => arbitrary(COUNT, seed).map((number) => (seed === 2 ? Math.abs(number) : number)));

/** What a call leaves in some arrays, and what it gives. */
function outcome(heap: WasmHeap, name: KernelName, arrays: number, value: number): { given: unknown; memories: number; left: Buffer } {
  const pointers = Array.from({ length: arrays }, () => heap.allocateArray(COUNT));
  pointers.forEach((pointer, k) => {
    heap.floats(pointer, COUNT).set(contents[k] ?? []);
  });
  let used = 0;
  const given = KERNELS[name].roles.map((role) => {
    if (role === 'count') return COUNT;
    if (role === 'first') return 3;
    return role === 'value' ? value : (pointers[used++ % arrays] ?? NaN);
  });
  const result: unknown = Reflect.apply(heap.kernels[name], undefined, given);
  return {
    given: result,
    memories: new Set(pointers.map(memoryOf)).size,
    left: Buffer.concat(pointers.map((pointer) => Buffer.from(heap.floats(pointer, COUNT).slice().buffer))),
  };
}

describe('a kernel on arrays of several memories', () => {
  const small = (): WasmHeap => new WasmHeap({ memory: MEMORY, stored: 0 });

  describe.each(Object.entries(ARRANGEMENTS))('%s', (_, arrays) => {
    test.each(names.flatMap((name) => VALUES.map((value) => [name, value] as const)))('does what it does in one: %s, %p', (name, value) => {
      const [apart, together] = [outcome(small(), name, arrays, value), outcome(new WasmHeap(), name, arrays, value)];
      expect([apart.memories, together.memories]).toEqual([arrays, 1]);
      expect(apart.left.equals(together.left)).toBe(true);
      const [sum, whole] = [apart.given ?? 0, together.given ?? 0] as [number, number];
      expect(Math.abs(sum - whole)).toBeLessThanOrEqual(ORDER * Math.abs(whole));
    });
  });

  test('looks anywhere in the first one alone', () => {
    const heap = small();
    const [near, far] = [heap.allocate(64), heap.allocateArray(64)];
    expect(() => heap.kernels.transpose(near, far, 8, 8)).toThrow('transpose cannot go through these arrays of several memories');
  });
});

test('what is stored goes to the first memory, then to as many more as it takes; the first keeps room for the rest', () => {
  const heap = new WasmHeap({ memory: MEMORY, stored: 2 ** 17 });
  const pointers = [1, 2, 3].map(() => heap.allocateArray(2 ** 14)); // 64 KiB behind the 64 KiB of the kernels' own
  expect(pointers.map(memoryOf)).toEqual([0, 1, 1]);
  expect(memoryOf(heap.allocateArray(2 ** 15))).toBe(2);
  expect(heap.allocate(64)).toBeLessThan(MEMORY);
});
