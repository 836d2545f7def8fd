import { expect, test } from '@jest/globals';
import { bestTrial, equalRates, isFlat, nextRates, type Trial } from '../../../benchmarks/tune/search.js';

const MOST = 20;

/** The search on a landscape of scores, to its end. */
function search(score: (rate: number) => number, start: number, most = MOST): Trial[] {
  const trials: Trial[] = [];
  for (let next = nextRates(trials, start, most); next.length > 0; next = nextRates(trials, start, most)) {
    trials.push(...next.map((learningRate) => ({ learningRate, score: score(learningRate) })));
  }
  return trials;
}

const distanceTo = (peak: number) => (rate: number) => -Math.abs(Math.log10(rate / peak));

test('starts with the rate that is asked for and its neighbours, on a grid of 1 and 3 times powers of ten', () => {
  expect(nextRates([], 1e-4, MOST)).toEqual([3e-5, 1e-4, 3e-4]);
  expect(nextRates([], 2.9e-4, MOST)).toEqual([1e-4, 3e-4, 1e-3]);
});

test.each([1e-6, 3e-5, 1e-2, 3])('finds the peak of a landscape at %p, wherever it starts, and tries both its neighbours', (peak) => {
  for (const start of [1e-5, 1e-3, 1]) {
    const trials = search(distanceTo(peak), start);
    expect(bestTrial(trials)?.learningRate).toBe(peak);
    expect(trials.filter(({ learningRate }) => learningRate < peak).length).toBeGreaterThan(0);
    expect(trials.filter(({ learningRate }) => learningRate > peak).length).toBeGreaterThan(0);
    expect(new Set(trials.map(({ learningRate }) => learningRate)).size).toBe(trials.length);
  }
});

test('goes up where small rates all do nothing', () => {
  const trials = search((rate) => (rate < 1e-2 ? 0.67 : rate === 1e-2 ? 0.9 : -Infinity), 1e-4);
  expect(bestTrial(trials)).toEqual({ learningRate: 1e-2, score: 0.9 });
});

test('goes down where every rate diverges', () => {
  const trials = search((rate) => (rate > 2e-5 ? -Infinity : 0.7), 1e-3);
  expect(bestTrial(trials)?.learningRate).toBe(1e-5);
});

test('of equal rates the larger is best', () => {
  expect(bestTrial([1e-3, 1e-4, 3e-4].map((learningRate) => ({ learningRate, score: 0.5 })))?.learningRate).toBe(1e-3);
  expect(bestTrial([])).toBeUndefined();
});

test('trials speak for no rate where all are alike', () => {
  const trials = (...scores: number[]): Trial[] => scores.map((score, k) => ({ learningRate: 10 ** -k, score }));
  expect(isFlat(trials(0.5, 0.5, 0.5))).toBe(true);
  expect(isFlat(trials(0.5, 0.5, -Infinity))).toBe(true);
  expect(isFlat(trials(0.5, 0.5, 0.6))).toBe(false);
  expect(isFlat(trials(0.5))).toBe(false);
});

test('ends after so many trials, of which the first is the start', () => {
  expect(nextRates([], 1e-4, 1)).toEqual([1e-4]);
  expect(search(() => 1, 1e-4, 5)).toHaveLength(5);
});

test.each([1, 2, 3, 5, 8])('an equal search tries %i rates, all different, on every landscape, and begins as the other does', (count) => {
  const landscapes = [distanceTo(1e-4), distanceTo(1e-9), distanceTo(10), () => 1, () => -Infinity];
  for (const score of landscapes) {
    const trials: Trial[] = [];
    for (let next = equalRates(trials, 1e-4, count); next.length > 0; next = equalRates(trials, 1e-4, count)) {
      trials.push(...next.map((learningRate) => ({ learningRate, score: score(learningRate) })));
    }
    expect(trials).toHaveLength(count);
    expect(new Set(trials.map(({ learningRate }) => learningRate)).size).toBe(count);
    const other = search(score, 1e-4, count);
    expect(trials.slice(0, other.length)).toEqual(other);
  }
});

test('an equal search goes on beside the best, above first', () => {
  const trials = [3e-5, 1e-4, 3e-4].map((learningRate) => ({ learningRate, score: distanceTo(1e-4)(learningRate) }));
  expect(equalRates(trials, 1e-4, 5)).toEqual([1e-3]);
  expect(equalRates([...trials, { learningRate: 1e-3, score: -9 }], 1e-4, 5)).toEqual([1e-5]);
});
