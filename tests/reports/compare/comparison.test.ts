import { describe, expect, test } from '@jest/globals';
import { noiseKey, standardNormal, uniformWord } from '../../../engine/index.js';
import { compare, type Comparison } from '../../../reports/compare/comparison.js';
import type { CellRecord, CellSettings } from '../../../records/record.js';
import { completedRecord, endedRecord, type FakeMeasurement } from '../fake-records.js';

const contest = { candidates: ['mine'], baselines: ['zo-sgd'] };

function only(records: readonly CellRecord[]): Comparison {
  const [one, ...others] = compare(records, contest);
  if (one === undefined || others.length > 0) throw new Error('not one comparison');
  return one;
}

/** A pair for each difference in points, seed by seed. */
function pairs(differences: readonly number[], settings: Partial<CellSettings> = {}): CellRecord[] {
  return differences.flatMap((difference, seed) => [
    completedRecord({ ...settings, optimizer: 'mine', seed }, { testAccuracy: (700 + 10 * difference) / 1000 }),
    completedRecord({ ...settings, optimizer: 'zo-sgd', seed }, { testAccuracy: 0.7 }),
  ]);
}

/** A record of how each item was answered. */
function answered(optimizer: string, seed: number, testAnswers: string): CellRecord {
  const asked = testAnswers.replaceAll('-', '');
  return { ...completedRecord({ optimizer, seed }, { testAccuracy: asked.replaceAll('0', '').length / asked.length }), testAnswers };
}

describe('a comparison', () => {
  test('pairs by cell and seed: mean over seeds, then over cells', () => {
    const { difference, cells, ahead, pairs: count, failed } = only([...pairs([1, 2, 6]), ...pairs([-1, 0], { scheme: 'lora' })]);
    expect(difference.mean).toBeCloseTo((0.03 - 0.005) / 2, 12);
    expect(cells.map(({ cell, pairs: seeds }) => [cell.scheme, seeds])).toEqual([
      ['full', 3],
      ['lora', 2],
    ]);
    expect(cells[0]?.score.candidate.mean).toBeCloseTo(0.73, 12);
    expect(cells[0]?.score.candidate.std).toBeCloseTo(Math.sqrt(0.0007), 12);
    expect(ahead).toEqual({ candidate: 3, baseline: 1, neither: 1 });
    expect(count).toBe(5);
    expect(failed).toEqual({ candidate: 0, baseline: 0 });
  });

  test('pairs what was asked in the same template alone', () => {
    const { cells, difference } = only([...pairs([1, 2]), ...pairs([3, 5], { template: 'plain' })]);
    expect(cells.map(({ cell, pairs: seeds }) => [cell.template, seeds])).toEqual([
      ['aligned', 2],
      ['plain', 2],
    ]);
    expect(difference.mean).toBeCloseTo((0.015 + 0.04) / 2, 12);
  });

  test('does not depend on the order of the records', () => {
    const records = [...pairs([1, 2, 6]), ...pairs([-1, 0, 3], { scheme: 'lora' })];
    expect(only(records.toReversed().sort((a, b) => (a.cell < b.cell ? 1 : -1))).pValue).toBe(only(records).pValue);
  });

  test('leaves out a seed that one of the two was not run with', () => {
    const lonely = completedRecord({ optimizer: 'mine', seed: 9 }, { testAccuracy: 1 });
    expect(only([...pairs([1, 2]), lonely]).pairs).toBe(2);
  });

  test('of clear and steady differences is better, of the opposite worse, and of too few pairs neither', () => {
    const steady = [2, 2.1, 2.2, 2.3, 2.4, 2.5];
    expect(only(pairs(steady))).toMatchObject({ verdict: 'better', pValue: 2 ** -5, outcomes: { win: 1, tie: 0, loss: 0 } });
    expect(only(pairs(steady.map((points) => -points))).verdict).toBe('worse');
    expect(only(pairs(steady.slice(0, 5)))).toMatchObject({ verdict: 'not told apart', pValue: 2 ** -4, outcomes: { win: 1 } });
  });

  test('with several baselines is corrected for all of them', () => {
    const other = [2, 2, 2, 2, 2, 2].map((_, seed) => completedRecord({ optimizer: 'zo-adam', seed }, { testAccuracy: 0.6 }));
    const records = [...pairs([2, 2.1, 2.2, 2.3, 2.4, 2.5]), ...other];
    const two = compare(records, { ...contest, baselines: ['zo-sgd', 'zo-adam'] });
    expect(two.map(({ pValue }) => pValue)).toEqual([2 ** -5, 2 ** -5]);
    expect(two.map(({ correctedPValue, verdict }) => [correctedPValue, verdict])).toEqual(Array(2).fill([2 ** -4, 'not told apart']));
  });

  test('a run that did not complete is lost by order, is in no mean, and loses its cell', () => {
    const records = [...pairs([4, 5, 6]), endedRecord({ optimizer: 'mine', seed: 3 }), completedRecord({ optimizer: 'zo-sgd', seed: 3 })];
    const { difference, ahead, outcomes, failed, pValue } = only(records);
    expect(difference.mean).toBeCloseTo(0.05, 12);
    expect(ahead).toEqual({ candidate: 3, baseline: 1, neither: 0 });
    expect(outcomes).toEqual({ win: 0, tie: 0, loss: 1 });
    expect(failed).toEqual({ candidate: 1, baseline: 0 });
    // The failure has the largest rank: 4 against 1 + 2 + 3.
    expect(pValue).toBe(14 / 16);
  });

  test('where nothing completed has no mean and no interval', () => {
    const records = ['mine', 'zo-sgd'].map((optimizer) => endedRecord({ optimizer }));
    expect(only(records)).toMatchObject({ pairs: 0, difference: { mean: NaN, interval: null, covers: 'nothing' }, pValue: 1 });
  });
});

describe('what an interval covers', () => {
  const covered = (records: readonly CellRecord[]) => only(records).difference.covers;

  test('is said: seeds, test items where all answers are recorded, both, or nothing', () => {
    const both = [
      answered('mine', 0, '1101-'),
      answered('zo-sgd', 0, '1001-'),
      answered('mine', 1, '-1011'),
      answered('zo-sgd', 1, '-1111'),
    ];
    expect(covered(both)).toBe('seeds and test items');
    expect(covered(both.slice(0, 2))).toBe('test items');
    expect(covered([...both.slice(0, 3), completedRecord({ optimizer: 'zo-sgd', seed: 1 })])).toBe('seeds');
    expect(covered(pairs([1]))).toBe('nothing');
  });

  test('one seed: the interval is that of the items that only one of the two got right', () => {
    const items = 400;
    const line = (wrong: number, from = 0) => Array.from({ length: items }, (_, k) => (k >= from && k < from + wrong ? '0' : '1')).join('');
    const { mean, interval } = only([answered('mine', 0, line(10)), answered('zo-sgd', 0, line(40, 100))]).difference;
    expect(mean).toBeCloseTo(0.075, 12);
    // McNemar's variance: (40 + 10 - (40 - 10)² / 400) / 400².
    const half = (1.96 * Math.sqrt(50 - 900 / 400)) / items;
    for (const end of [mean - (interval?.[0] ?? NaN), (interval?.[1] ?? NaN) - mean]) expect(Math.abs(end / half - 1)).toBeLessThan(0.12);
  });

  test('items that both get right or wrong do not widen it', () => {
    const easy = '1'.repeat(200) + '0'.repeat(200);
    const { interval } = only([answered('mine', 0, easy), answered('zo-sgd', 0, easy)]).difference;
    expect(interval).toEqual([0, 0]);
  });

  test('under the null hypothesis zero is in it 95 % of the time or more, seeds and items crossed', () => {
    const [key, coins] = [noiseKey(5, 'logits'), noiseKey(5, 'coins')];
    let [drawn, thrown] = [0, 0];
    const [simulations, seeds, items] = [150, 3, 60];
    const experiment = () => {
      const ease = Array.from({ length: items }, () => standardNormal(key, drawn++));
      // Items that one of the two finds easier, whatever the seed.
      const lean = Array.from({ length: items }, () => 0.7 * standardNormal(key, drawn++));
      const line = (sign: number) => {
        const luck = 0.2 * standardNormal(key, drawn++);
        return ease
          .map((at, k) => (at + sign * (lean[k] ?? 0) + luck > 4 * (uniformWord(coins, thrown++) / 2 ** 32 - 0.5) ? '1' : '0'))
          .join('');
      };
      return Array.from({ length: seeds }, (_, seed) => [answered('mine', seed, line(1)), answered('zo-sgd', seed, line(-1))]).flat();
    };
    const holds = Array.from({ length: simulations }, () => {
      const [low = NaN, high = NaN] = only(experiment()).difference.interval ?? [];
      return low <= 0 && 0 <= high;
    });
    // Three standard errors of a share of 150 are 0.053.
    expect(holds.filter(Boolean).length / simulations).toBeGreaterThan(0.897);
  });
});

describe('costs', () => {
  const record = (optimizer: string, measured: FakeMeasurement, devCurve: [forwards: number, score: number][]) => ({
    ...completedRecord({ optimizer, steps: 100 }, { zeroShotAccuracy: 0.5, ...measured }),
    devCurve: devCurve.map(([forwards, score], step) => ({ step, forwards, score })),
  });

  test('at a budget each has the best dev score it had reached by then, of the dearer one’s passes', () => {
    const mine = record('mine', { forwardsPerStep: 4 }, [
      [100, 0.6],
      [101, 0.9],
      [200, 0.55],
      [400, 0.7],
    ]);
    const { atBudgets } = only([mine, record('zo-sgd', { forwardsPerStep: 2 }, [[200, 0.8]])]).costs;
    expect(atBudgets).toEqual([
      { share: 0.25, candidate: 0.6, baseline: 0.5 },
      { share: 0.5, candidate: 0.9, baseline: 0.8 },
      { share: 1, candidate: 0.9, baseline: 0.8 },
    ]);
  });

  test('ratios are of training time and of peak memory', () => {
    const { timeRatio, memoryRatio } = only([
      record('mine', { stepMs: 30, peakBytes: 100 }, []),
      record('zo-sgd', { stepMs: 60, peakBytes: 400 }, []),
    ]).costs;
    expect(timeRatio).toBeCloseTo(0.5, 12);
    expect(memoryRatio).toBeCloseTo(0.25, 12);
  });
});
