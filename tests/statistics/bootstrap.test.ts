import { describe, expect, test } from '@jest/globals';
import { noiseKey, standardNormal } from '../../engine/index.js';
import { bootstrapInterval, type Stratum } from '../../statistics/bootstrap.js';
import { studentQuantile } from '../../statistics/student.js';
import { mean } from '../../statistics/moments.js';

// scipy 1.17.1: stats.t.ppf
test.each([
  [1, 12.706204736174694, 3.0776835371752544],
  [2, 4.302652729749462, 1.8856180831641272],
  [3, 3.1824463052837078, 1.637744353696209],
  [4, 2.7764451051977934, 1.533206274058944],
  [7, 2.364624251592784, 1.4149239276505086],
  [10, 2.228138851986274, 1.372183641110336],
  [33, 2.0345152974493383, 1.3077371244508864],
  [100, 1.9839715185235518, 1.290074761346516],
])("Student's t with %i degrees of freedom has the quantiles that scipy finds", (freedom, at975, at900) => {
  expect(studentQuantile(0.975, freedom)).toBeCloseTo(at975, 9);
  expect(studentQuantile(0.9, freedom)).toBeCloseTo(at900, 9);
});

/** How far each value moves the mean. */
const moves = (values: readonly number[]): Stratum => values.map((value) => (value - mean(values)) / values.length);

function normals(name: string): () => number {
  const key = noiseKey(11, name);
  let drawn = 0;
  return () => standardNormal(key, drawn++);
}

describe('a bootstrap interval', () => {
  test('of many draws is the normal one, of few the wider one of Student', () => {
    const draw = normals('values');
    const values = Array.from({ length: 400 }, draw);
    const standardError = Math.sqrt(moves(values).reduce((sum, move) => sum + move ** 2, 0));
    const [low, high] = bootstrapInterval(5, { few: [], many: [moves(values)] }) ?? [NaN, NaN];
    // The Monte Carlo error of a 2.5 % quantile of 1,999 resamples is 0.06 standard errors.
    for (const end of [5 - low, high - 5]) expect(Math.abs(end / standardError - 1.96)).toBeLessThan(0.2);
    // Twelve draws, as even as normal quantiles: Student's half width is t(11) s / sqrt(12).
    const even = [-1.38, -1.15, -0.81, -0.55, -0.32, -0.1, 0.1, 0.32, 0.55, 0.81, 1.15, 1.38];
    const student = 2.201 * Math.sqrt(even.reduce((sum, value) => sum + value ** 2, 0) / 11 / 12);
    const [from, to] = bootstrapInterval(0, { few: [moves(even)], many: [] }) ?? [NaN, NaN];
    for (const end of [-from, to]) expect(Math.abs(end / student - 1)).toBeLessThan(0.1);
  });

  test('is the same every time, moves with the estimate, and is a point where nothing varies', () => {
    const few = [moves([0.1, 0.2, 0.4])];
    expect(bootstrapInterval(0, { few, many: [] })).toEqual(bootstrapInterval(0, { few, many: [] }));
    expect(bootstrapInterval(0.5, { few: [[0, 0, 0]], many: [] })).toEqual([0.5, 0.5]);
  });

  test('is none where nothing can be drawn again', () => {
    expect(bootstrapInterval(0.5, { few: [[0], []], many: [] })).toBeNull();
  });

  /** Share of simulated experiments whose interval holds the truth, 0. */
  function coverage(simulations: number, experiment: () => { estimate: number; few: Stratum[]; many: Stratum[] }): number {
    const holds = Array.from({ length: simulations }, () => {
      const { estimate, few, many } = experiment();
      const [low, high] = bootstrapInterval(estimate, { few, many }) ?? [NaN, NaN];
      return low <= 0 && 0 <= high;
    });
    return holds.filter(Boolean).length / simulations;
  }

  // Three standard errors of a share of 500 are 0.03. Two seeds have but three distinct resamples.
  test.each([
    { seeds: 2, from: 0.89, to: 0.98 },
    { seeds: 3, from: 0.92, to: 0.98 },
    { seeds: 5, from: 0.92, to: 0.98 },
    { seeds: 10, from: 0.92, to: 0.98 },
  ])('over $seeds seeds holds the truth 95 % of the time', ({ seeds, from, to }) => {
    const draw = normals(`seeds ${seeds}`);
    const share = coverage(500, () => {
      const values = Array.from({ length: seeds }, draw);
      return { estimate: mean(values), few: [moves(values)], many: [] };
    });
    expect(share).toBeGreaterThan(from);
    expect(share).toBeLessThan(to);
  });

  test.each([
    { spreads: [1, 1, 1, 1], what: 'alike' },
    { spreads: [1, 0.05], what: 'of which one varies most' },
    { spreads: [1, 0.3, 0.1, 1, 0.3, 0.1], what: 'of different spread' },
  ])('over cells $what, three seeds each, holds the truth at least 95 % of the time', ({ spreads }) => {
    const draw = normals(`cells ${spreads.join()}`);
    const share = coverage(500, () => {
      const cells = spreads.map((spread) => [0, 0, 0].map(() => spread * draw()));
      const few = cells.map((values) => moves(values).map((move) => move / cells.length));
      return { estimate: mean(cells.map(mean)), few, many: [] };
    });
    expect(share).toBeGreaterThan(0.92);
  });
});
