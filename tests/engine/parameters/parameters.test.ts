import { describe, expect, jest, test } from '@jest/globals';
import { WasmHeap, noiseKey, Parameters, standardNormal, type Parameter } from '../../../engine/index.js';
import { farthest } from '../../support/engine-numbers.js';

/** Float32 numbers near 1, and noise right to 1e-5. */
const MOVED = 1e-5;

function twoParameters(): { parameters: Parameters; moving: Parameter; frozen: Parameter } {
  const parameters = new Parameters();
  const moving = parameters.add('moving', [3, 5], true);
  const frozen = parameters.add('frozen', [7], false);
  parameters.values(moving).fill(1);
  parameters.values(frozen).fill(1);
  return { parameters, moving, frozen };
}

describe('parameters', () => {
  test('move by scale z along a seed, the frozen ones not at all', () => {
    const { parameters, moving, frozen } = twoParameters();
    parameters.move(9, 0.5);
    const key = noiseKey(9, 'moving');
    const expected = Array.from({ length: 15 }, (_, element) => 1 + 0.5 * standardNormal(key, element));
    expect(farthest(parameters.values(moving), expected)).toBeLessThan(MOVED);
    expect([...parameters.values(frozen)]).toEqual(new Array(7).fill(1));
  });

  test('move along given arrays', () => {
    const { parameters, moving } = twoParameters();
    const direction = parameters.allocateBuffers();
    parameters.heap.floats(parameters.buffer(direction, moving), 15).set(Array.from({ length: 15 }, (_, i) => i));
    parameters.move(direction, 0.25);
    expect([...parameters.values(moving)]).toEqual(Array.from({ length: 15 }, (_, i) => 1 + 0.25 * i));
  });

  test('give the same direction whether it is written or moved along, whole or in part', () => {
    const { parameters, moving } = twoParameters();
    parameters.values(moving).fill(0);
    const out = parameters.heap.allocate(15);
    parameters.writeDirection(moving, 0, 15, 4, out);
    const whole = [...parameters.heap.floats(out, 15)];
    parameters.writeDirection(moving, 5, 6, 4, out);
    expect([...parameters.heap.floats(out, 6)]).toEqual(whole.slice(5, 11));
    parameters.move(4, 1);
    expect([...parameters.values(moving)]).toEqual(whole);
  });

  test('have gradients and moments for what is trainable only', () => {
    const { parameters, frozen } = twoParameters();
    const buffers = parameters.allocateBuffers();
    expect([...buffers.keys()]).toEqual(['moving']);
    expect(() => parameters.buffer(buffers, frozen)).toThrow('no buffer for parameter frozen');
  });

  test('are known by one name each', () => {
    const { parameters } = twoParameters();
    expect(() => parameters.add('frozen', [1], true)).toThrow('parameter frozen exists already');
    expect(() => parameters.get('missing')).toThrow('no parameter missing');
  });
});

describe('the heap', () => {
  test('keeps what it holds when it grows, and gives zeroed room on cache lines', () => {
    const heap = new WasmHeap();
    const first = heap.allocate(3);
    heap.floats(first, 3).set([1, 2, 3]);
    const second = heap.allocate(2 ** 16);
    expect([...heap.floats(first, 3)]).toEqual([1, 2, 3]);
    expect(heap.floats(second, 2 ** 16).every((value) => value === 0)).toBe(true);
    expect([first % 64, second % 64]).toEqual([0, 0]);
    expect(second - first).toBe(64);
  });

  test('grows by no more than what is missing where memory is short, and says so where there is not even that', () => {
    const most = 40; // pages at once
    const prototype = WebAssembly.Memory.prototype as WebAssembly.Memory;
    const real = Object.getOwnPropertyDescriptor(prototype, 'grow')?.value as (pages: number) => number;
    const grow = jest.spyOn(prototype, 'grow').mockImplementation(function (this: WebAssembly.Memory, pages) {
      if (pages > most) throw new RangeError('Unable to grow instance memory');
      return Reflect.apply<WebAssembly.Memory, [number], number>(real, this, [pages]);
    });
    const heap = new WasmHeap();
    const last = [1, 2, 3, 4, 5].map(() => heap.allocate(most << 14)).at(-1) ?? NaN;
    heap.floats(last, most << 14).fill(1);
    expect(() => heap.allocate((most + 1) << 14)).toThrow(/^no memory for 2\.6 MiB more than the 13 MiB of this heap$/);
    grow.mockRestore();
  });

  test('says so when a run needs more than it can hold', () => {
    expect(() => new WasmHeap().allocate(2 ** 30)).toThrow(/^one memory holds at most 4\.0 GiB, this run needs \d+ bytes in it$/);
    expect(() => new WasmHeap().allocateArray(2 ** 30)).toThrow(/^an array of 4294967296 bytes is more than a memory's 4\.0 GiB$/);
  });
});
