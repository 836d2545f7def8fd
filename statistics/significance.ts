/** Of two-sided tests and intervals. */
export const LEVEL = 0.05;

/** A two-sided signed-rank test. */
export interface SignedRankTest {
  /** Pairs that differ: the others say nothing of a direction. */
  readonly differing: number;
  readonly pValue: number;
}

/**
 * Wilcoxon's signed-rank test of paired differences, exact for any number of them: equal sizes share their mean rank, zeros are ranked
 * and then left out (Pratt 1959), and the ranks' signs are fair coins, so no table and no normal approximation is needed.
 */
export function signedRankTest(differences: readonly number[]): SignedRankTest {
  const ranks = doubledRanks(differences.map(Math.abs));
  const ranked = differences
    .map((difference, index) => ({ difference, rank: ranks[index] ?? 0 }))
    .filter(({ difference }) => difference !== 0);
  const total = ranked.reduce((sum, { rank }) => sum + rank, 0);
  const positive = ranked.reduce((sum, { difference, rank }) => sum + (difference > 0 ? rank : 0), 0);
  const extreme = Math.min(positive, total - positive);
  const chances = chancesOfSums(ranked.map(({ rank }) => rank));
  const tail = chances.subarray(0, extreme + 1).reduce((sum, chance) => sum + chance, 0);
  return { differing: ranked.length, pValue: Math.min(1, 2 * tail) };
}

/** Accuracies are quotients: two differences that close are the same one. */
const SAME = 1e-9;

/** Twice the ranks of the sizes, so that the mean rank of equal ones is whole. */
function doubledRanks(sizes: readonly number[]): number[] {
  const smaller = (size: number): number => sizes.filter((other) => other < size - SAME).length;
  const equal = (size: number): number => sizes.filter((other) => Math.abs(other - size) <= SAME).length;
  return sizes.map((size) => 2 * smaller(size) + equal(size) + 1);
}

/** The chance of each sum of ranks, where every rank counts with probability one half. */
function chancesOfSums(ranks: readonly number[]): Float64Array {
  const chances = new Float64Array(ranks.reduce((sum, rank) => sum + rank, 0) + 1);
  chances[0] = 1;
  let largest = 0;
  for (const rank of ranks) {
    largest += rank;
    for (let sum = largest; sum >= 0; sum--) chances[sum] = ((chances[sum] ?? 0) + (chances[sum - rank] ?? 0)) / 2;
  }
  return chances;
}

/** The smallest p-value that so many differing pairs can reach: all of one sign. */
export const leastPValue = (pairs: number): number => Math.min(1, 2 ** (1 - pairs));

/** Pairs that it takes to reach the level at all, after Holm's correction for so many comparisons. */
export const pairsNeeded = (comparisons: number): number => Math.ceil(1 + Math.log2(comparisons / LEVEL));

/** P-values corrected for being several (Holm 1979), in the order given. */
export function holm(pValues: readonly number[]): number[] {
  const ascending = pValues.map((pValue, index) => ({ pValue, index })).sort((a, b) => a.pValue - b.pValue);
  const corrected = [...pValues];
  let largest = 0;
  ascending.forEach(({ pValue, index }, rank) => {
    largest = Math.max(largest, Math.min(1, (pValues.length - rank) * pValue));
    corrected[index] = largest;
  });
  return corrected;
}
