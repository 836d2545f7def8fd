import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { noiseKey, standardNormal } from '../../engine/index.js';
import { holm, leastPValue, pairsNeeded, signedRankTest } from '../../statistics/significance.js';

/** The two-sided p-value by trying every assignment of signs to Pratt's ranks, in whole numbers. */
function bruteForce(differences: readonly number[]): number {
  const sizes = differences.map(Math.abs);
  const doubledRank = (size: number) => 2 * sizes.filter((s) => s < size).length + sizes.filter((s) => s === size).length + 1;
  const ranks = sizes.filter((size) => size > 0).map(doubledRank);
  const total = ranks.reduce((sum, rank) => sum + rank, 0);
  const positive = differences.filter((d) => d > 0).reduce((sum, d) => sum + doubledRank(d), 0);
  const distance = (sum: number) => Math.abs(2 * sum - total);
  const sums = Array.from({ length: 2 ** ranks.length }, (_, signs) => ranks.reduce((sum, rank, k) => sum + ((signs >> k) & 1) * rank, 0));
  return sums.filter((sum) => distance(sum) >= distance(positive)).length / sums.length;
}

describe("Wilcoxon's signed-rank test", () => {
  // scipy 1.17.1: stats.wilcoxon(d, zero_method='pratt', method=stats.PermutationMethod(n_resamples=inf)).pvalue
  test.each([
    { differences: [1, 2, 3], pValue: 0.25 },
    { differences: [1, -2, 3, 4, 5, 6], pValue: 0.09375 },
    { differences: [0, 1, 1, -2, 3, 3, 0, 4], pValue: 0.125 },
    { differences: [0.5, -0.5, 1.5, 2.5, 2.5, -1, 3], pValue: 0.125 },
    { differences: [0, 0, 1], pValue: 1 },
    { differences: [3, -1, -1, 2, 2, 0, 5, -4, 6, 7], pValue: 0.1328125 },
    { differences: [6, 8, 14, 16, 23, 24, 28, 29, 41, -48, 49, 56, 60, -67, 75], pValue: 0.041259765625 },
    {
      differences: [-0.4, -0.9, 0.2, 0.8, 1.5, 0.5, -0.2, -0.4, 1.1, 2.0, 0.7, -0.8, -0.6, 2.0, 0.6, -1.3],
      pValue: 0.32745361328125,
    },
  ])('of $differences has the p-value that scipy finds', ({ differences, pValue }) => {
    expect(signedRankTest(differences).pValue).toBeCloseTo(pValue, 12);
  });

  test("of Hollander and Wolfe's depression scores has the published p-value, 0.0391", () => {
    const first = [1.83, 0.5, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.3];
    const second = [0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29];
    expect(signedRankTest(first.map((value, k) => value - (second[k] ?? NaN)))).toEqual({ differing: 9, pValue: 0.0390625 });
  });

  test('is what all assignments of signs say, with ties and zeros', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -4, max: 4 }), { minLength: 1, maxLength: 10 }), (differences) => {
        expect(signedRankTest(differences).pValue).toBeCloseTo(bruteForce(differences), 12);
      }),
      { seed: 1 },
    );
  });

  test('does not tell differences apart that differ by the rounding of quotients', () => {
    const rounded = [0.3 - 0.2, 0.2 - 0.1, 0.4 - 0.5];
    expect(new Set(rounded.map(Math.abs)).size).toBeGreaterThan(1);
    expect(signedRankTest(rounded)).toEqual(signedRankTest([1, 1, -1]));
  });

  test('says nothing where nothing differs', () => {
    expect(signedRankTest([0, 0])).toEqual({ differing: 0, pValue: 1 });
    expect(signedRankTest([])).toEqual({ differing: 0, pValue: 1 });
  });

  test('stays exact for hundreds of pairs: all of one sign, and balanced', () => {
    expect(signedRankTest(Array.from({ length: 40 }, (_, k) => k + 1)).pValue).toBe(2 ** -39);
    expect(signedRankTest(Array.from({ length: 300 }, (_, k) => (k % 2 === 0 ? 1 : -1))).pValue).toBe(1);
  });

  test('rejects a true null hypothesis no more often than it says', () => {
    const key = noiseKey(3, 'null');
    const simulations = 2000;
    let drawn = 0;
    // Differences of accuracies on 50 items: symmetric about zero, with ties and zeros.
    const draw = () => Math.round(3 * standardNormal(key, drawn++)) / 50;
    const pValues = Array.from({ length: simulations }, () => signedRankTest(Array.from({ length: 8 }, draw)).pValue);
    expect(pValues.filter((pValue) => pValue <= 0.05).length).toBeGreaterThan(20);
    for (const level of [0.01, 0.05, 0.1, 0.5]) {
      const share = pValues.filter((pValue) => pValue <= level).length / simulations;
      // Three standard errors.
      expect(share).toBeLessThan(level + 3 * Math.sqrt((level * (1 - level)) / simulations));
    }
  });
});

test('the least p-value is that of pairs of one sign, and so many pairs are needed that it can reach 0.05', () => {
  for (const pairs of [1, 2, 3, 6, 10]) {
    expect(leastPValue(pairs)).toBe(signedRankTest(Array.from({ length: pairs }, (_, k) => k + 1)).pValue);
  }
  for (const comparisons of [1, 2, 5, 22]) {
    const needed = pairsNeeded(comparisons);
    expect(comparisons * leastPValue(needed)).toBeLessThanOrEqual(0.05);
    expect(comparisons * leastPValue(needed - 1)).toBeGreaterThan(0.05);
  }
});

test("Holm's correction, worked by hand: 4 × 0.005, 3 × 0.01, 2 × 0.03, and no less for the largest", () => {
  expect(holm([0.01, 0.04, 0.03, 0.005])).toEqual([0.03, 0.06, 0.06, 0.02]);
  expect(holm([0.7, 0.6])).toEqual([1, 1]);
  expect(holm([0.04])).toEqual([0.04]);
});
