import { describe, expect, test } from '@jest/globals';
import { Heap, noiseKey, type NoiseKey } from '../../engine/index.js';

const COUNT = 2 ** 20;
/** About 130 scores are bounded; were they drawn afresh, one would pass five standard errors once in ten thousand runs. */
const BOUND = 5;
/** Neighbours, the lane pairs of a block of eight, the next block, powers of two, a chunk of the kernel. */
const LAGS = [1, 2, 3, 4, 5, 7, 8, 16, 37, 1024, 4096] as const;
const BINS = 256;
const FAR = 4;

const heap = new Heap();
const room = heap.allocate(2 * COUNT);

/** Views on the heap, good until the next call for the same place. */
function draw({ k0, k1 }: NoiseKey, place: 0 | 1 = 0): Float32Array {
  const pointer = room + 4 * COUNT * place;
  heap.kernels.normal(pointer, COUNT, 0, k0, k1);
  return heap.floats(pointer, COUNT);
}

/** In standard errors: the distance of the mean of `power`-th powers from the standard normal's, whose variance is `variance`. */
function momentScore(values: Float32Array, power: number, expected: number, variance: number): number {
  let sum = 0;
  for (const value of values) sum += value ** power;
  return (sum / COUNT - expected) / Math.sqrt(variance / COUNT);
}

/** Mean of f(x_i) f(y_{i + lag}) in standard errors, for f of mean 0 and variance 1. */
function correlationScore(x: Float32Array, y: Float32Array, lag: number, f: (value: number) => number = (value) => value): number {
  let sum = 0;
  for (let i = 0; i + lag < COUNT; i++) sum += f(x[i] ?? NaN) * f(y[i + lag] ?? NaN);
  return sum / Math.sqrt(COUNT - lag);
}

const size = (value: number): number => (value * value - 1) / Math.SQRT2;

/** The bounds of `BINS` intervals of equal probability, from the density summed in small steps. */
function equalBins(): Float64Array {
  const step = 1e-4;
  const bounds = new Float64Array(BINS - 1);
  let [x, below, bound] = [-8, 0, 0];
  while (bound < bounds.length) {
    const mass = (Math.exp(-((x + step / 2) ** 2) / 2) / Math.sqrt(2 * Math.PI)) * step;
    const wanted = (bound + 1) / BINS;
    if (below + mass >= wanted) bounds[bound++] = x + (step * (wanted - below)) / mass;
    else [x, below] = [x + step, below + mass];
  }
  return bounds;
}

const bounds = equalBins();

function binOf(value: number): number {
  let [low, high] = [0, BINS - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (value > (bounds[middle] ?? NaN)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Chi-square of the counts in bins of equal probability, in standard deviations from its mean. */
function chiSquareScore(values: Float32Array): number {
  const counts = new Float64Array(BINS);
  for (const value of values) {
    const bin = binOf(value);
    counts[bin] = (counts[bin] ?? NaN) + 1;
  }
  const expected = COUNT / BINS;
  const chiSquare = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  return (chiSquare - (BINS - 1)) / Math.sqrt(2 * (BINS - 1));
}

/** How many values lie beyond four deviations, in standard deviations of that count. */
function tailScore(values: Float32Array): number {
  const expected = 6.334248366623996e-5 * COUNT; // 2 (1 - Phi(4))
  const count = values.reduce((sum, value) => sum + (Math.abs(value) > FAR ? 1 : 0), 0);
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
    const moments = [
      momentScore(values, 1, 0, 1),
      momentScore(values, 2, 1, 2),
      momentScore(values, 3, 0, 15),
      momentScore(values, 4, 3, 96),
    ];
    expectWithinBound([...moments, chiSquareScore(values), tailScore(values)]);
  });

  test('are uncorrelated with those at eleven lags, in their values and in their sizes', () => {
    const values = draw(noiseKey(seed, parameter));
    expectWithinBound(LAGS.map((lag) => correlationScore(values, values, lag)));
    expectWithinBound(LAGS.map((lag) => correlationScore(values, values, lag, size)));
  });

  test('are uncorrelated with those of a neighbouring seed and of a parameter with a neighbouring name', () => {
    const values = draw(noiseKey(seed, parameter));
    const neighbours = [noiseKey(seed === 0 ? 1 : seed - 1, parameter), noiseKey(seed, `${parameter}s`), noiseKey(seed, `x${parameter}`)];
    for (const neighbour of neighbours) {
      const others = draw(neighbour, 1);
      expectWithinBound([correlationScore(values, others, 0), correlationScore(values, others, 0, size)]);
    }
  });
});

test('the scores notice noise of the wrong size and noise that repeats', () => {
  const values = draw(noiseKey(0, 'weight'));
  const repeated = values.map((_, index) => values[index & ~4] ?? NaN);
  expect(Math.abs(correlationScore(repeated, repeated, 4))).toBeGreaterThan(BOUND);
  const larger = values.map((value) => value * 1.01);
  expect(Math.abs(momentScore(larger, 2, 1, 2))).toBeGreaterThan(BOUND);
  expect(chiSquareScore(larger)).toBeGreaterThan(BOUND);
});
