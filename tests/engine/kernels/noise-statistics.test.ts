import { describe, expect, test } from '@jest/globals';
import { WasmHeap, noiseKey, type NoiseKey } from '../../../engine/index.js';

const COUNT = 2 ** 20;
/** About 130 scores are bounded; were they drawn afresh, one would pass five standard errors once in ten thousand runs. */
const BOUND = 5;
/** Neighbours, the lane pairs of a block of eight, the next block, powers of two, a chunk of the kernel. */
const LAGS = [1, 2, 3, 4, 5, 7, 8, 16, 37, 1024, 4096] as const;
const BINS = 256;
const FAR = 4;

const heap = new WasmHeap();
const room = heap.allocate(2 * COUNT);

/** Views on the heap, good until the next call for the same place. */
function draw({ k0, k1 }: NoiseKey, place: 0 | 1 = 0): Float32Array {
  const pointer = room + 4 * COUNT * place;
  heap.kernels.normal(pointer, COUNT, 0, k0, k1);
  return heap.floats(pointer, COUNT);
}

// Plain loops without globals: in jest's realm, `Math` costs a slow look-up, iterators and callbacks over typed arrays even more.

/** In standard errors: the distances of the means of x, x^2, x^3 and x^4 from the standard normal's. */
function momentScores(values: Float32Array): number[] {
  let [first, second, third, fourth] = [0, 0, 0, 0];
  for (let i = 0; i < COUNT; i++) {
    const x = values[i] ?? 0;
    const x2 = x * x;
    first += x;
    second += x2;
    third += x2 * x;
    fourth += x2 * x2;
  }
  const score = (sum: number, mean: number, variance: number): number => (sum / COUNT - mean) / Math.sqrt(variance / COUNT);
  return [score(first, 0, 1), score(second, 1, 2), score(third, 0, 15), score(fourth, 3, 96)];
}

/** Mean of x_i y_{i + lag}, both of mean 0 and variance 1, in standard errors. */
function correlationScore(x: Float32Array, y: Float32Array, lag: number): number {
  let sum = 0;
  for (let i = 0; i + lag < COUNT; i++) sum += (x[i] ?? 0) * (y[i + lag] ?? 0);
  return sum / Math.sqrt(COUNT - lag);
}

/** (x^2 - 1) / sqrt 2, again of mean 0 and variance 1. */
function sizes(values: Float32Array): Float32Array {
  const made = new Float32Array(COUNT);
  const root = Math.sqrt(1 / 2);
  for (let i = 0; i < COUNT; i++) {
    const x = values[i] ?? 0;
    made[i] = (x * x - 1) * root;
  }
  return made;
}

/** The bounds of `BINS` intervals of equal probability, from the density summed in small steps. */
function equalBins(): Float64Array {
  const step = 1e-3;
  const bounds = new Float64Array(BINS - 1);
  let x = -8;
  let below = 0;
  let bound = 0;
  while (bound < bounds.length) {
    const mass = (Math.exp(-((x + step / 2) ** 2) / 2) / Math.sqrt(2 * Math.PI)) * step;
    const wanted = (bound + 1) / BINS;
    if (below + mass >= wanted) bounds[bound++] = x + (step * (wanted - below)) / mass;
    else {
      x += step;
      below += mass;
    }
  }
  return bounds;
}

const bounds = equalBins();

function binOf(value: number): number {
  let low = 0;
  let high = BINS - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (value > (bounds[middle] ?? 0)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Chi-square of the counts in bins of equal probability, in standard deviations from its mean. */
function chiSquareScore(values: Float32Array): number {
  const counts = new Float64Array(BINS);
  for (let i = 0; i < COUNT; i++) {
    const bin = binOf(values[i] ?? 0);
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  const expected = COUNT / BINS;
  const chiSquare = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  return (chiSquare - (BINS - 1)) / Math.sqrt(2 * (BINS - 1));
}

/** How many values lie beyond four deviations, in standard deviations of that count. */
function tailScore(values: Float32Array): number {
  const expected = 6.334248366623996e-5 * COUNT; // 2 (1 - Phi(4))
  let count = 0;
  for (let i = 0; i < COUNT; i++) if ((values[i] ?? 0) ** 2 > FAR * FAR) count++;
  return (count - expected) / Math.sqrt(expected);
}

function expectWithinBound(scores: readonly number[]): void {
  for (const score of scores) expect(Math.abs(score)).toBeLessThan(BOUND);
}

const cases = [
  { seed: 0, parameter: 'weight' },
  { seed: 1, parameter: 'model.decoder.layers.0.fc1.weight' },
  { seed: 2 ** 32, parameter: 'model.decoder.layers.1.fc1.weight' },
  { seed: 2 ** 53 - 1, parameter: 'lm_head.weight' },
];

describe.each(cases)('a million normals of seed $seed for $parameter', ({ seed, parameter }) => {
  test('have the moments, the distribution and the tails of the standard normal', () => {
    const values = draw(noiseKey(seed, parameter));
    expectWithinBound([...momentScores(values), chiSquareScore(values), tailScore(values)]);
  });

  test('are uncorrelated with those at eleven lags, in their values and in their sizes', () => {
    const values = draw(noiseKey(seed, parameter));
    expectWithinBound(LAGS.map((lag) => correlationScore(values, values, lag)));
    const squares = sizes(values);
    expectWithinBound(LAGS.map((lag) => correlationScore(squares, squares, lag)));
  });

  test('are uncorrelated with those of a neighbouring seed and of a parameter with a neighbouring name', () => {
    const values = draw(noiseKey(seed, parameter));
    const squares = sizes(values);
    const neighbours = [noiseKey(seed === 0 ? 1 : seed - 1, parameter), noiseKey(seed, `${parameter}s`), noiseKey(seed, `x${parameter}`)];
    for (const neighbour of neighbours) {
      const others = draw(neighbour, 1);
      expectWithinBound([correlationScore(values, others, 0), correlationScore(squares, sizes(others), 0)]);
    }
  });
});

test('the scores notice noise of the wrong size and noise that repeats', () => {
  const values = draw(noiseKey(0, 'weight'));
  const repeated = new Float32Array(COUNT);
  const larger = new Float32Array(COUNT);
  for (let i = 0; i < COUNT; i++) {
    repeated[i] = values[i & ~4] ?? 0;
    larger[i] = (values[i] ?? 0) * 1.01;
  }
  expect(Math.abs(correlationScore(repeated, repeated, 4))).toBeGreaterThan(BOUND);
  expect(Math.abs(momentScores(larger)[1] ?? 0)).toBeGreaterThan(BOUND);
  expect(chiSquareScore(larger)).toBeGreaterThan(BOUND);
});
