import { describe, expect, test } from '@jest/globals';
import { Heap, noiseKey, Parameters, standardNormal, type Parameter } from '../../engine/index.js';
import { farthest } from '../support/engine-numbers.js';

/** Float32 numbers near 1, and noise right to 1e-5. */
const MOVED = 1e-5;
/** Some roundings of float32 numbers near 1. */
const ROUNDINGS = 4 * 2 ** -23;

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

// Worked by hand: m = 0.05, v = 0.0025 give a first step of 0.1 g / |g|; then m = 0.02, v = 0.0031 give
// 0.1 (0.02 / 0.19) / sqrt(0.0031 / 0.0199) = 0.02666994. Epsilon, 1e-8, is below rounding.
test("adam's first two steps are those worked by hand", () => {
  const parameters = new Parameters();
  const parameter = parameters.add('theta', [1], true);
  const [g, m, v] = [parameters.allocateBuffers(), parameters.allocateBuffers(), parameters.allocateBuffers()];
  parameters.values(parameter)[0] = 1;
  const options = { learningRate: 0.1, beta1: 0.9, beta2: 0.99, epsilon: 1e-8 };
  const step = (gradient: number, t: number): number => {
    parameters.heap.floats(parameters.buffer(g, parameter), 1)[0] = gradient;
    parameters.adam(g, m, v, t, options);
    return parameters.values(parameter)[0] ?? NaN;
  };
  expect(Math.abs(step(0.5, 1) - 0.9)).toBeLessThan(ROUNDINGS);
  expect(Math.abs(step(-0.25, 2) - 0.87333006)).toBeLessThan(ROUNDINGS);
});

describe('the heap', () => {
  test('keeps what it holds when it grows, and gives zeroed room on cache lines', () => {
    const heap = new Heap();
    const first = heap.allocate(3);
    heap.floats(first, 3).set([1, 2, 3]);
    const second = heap.allocate(2 ** 16);
    expect([...heap.floats(first, 3)]).toEqual([1, 2, 3]);
    expect(heap.floats(second, 2 ** 16).every((value) => value === 0)).toBe(true);
    expect([first % 64, second % 64]).toEqual([0, 0]);
    expect(second - first).toBe(64);
  });

  test('says so when a run needs more than it can hold', () => {
    expect(() => new Heap().allocate(2 ** 30)).toThrow(/^a heap holds at most 4 GiB, this run needs \d+ bytes$/);
  });
});
