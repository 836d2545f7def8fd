import { describe, expect, test } from '@jest/globals';
import { scheduleFactor } from '../../training/schedule.js';
import type { CellSettings } from '../../records/record.js';

const factors = (schedule: CellSettings['schedule'], warmup: number, steps: number): number[] =>
  Array.from({ length: steps }, (_, step) => scheduleFactor({ schedule, warmup, steps }, step));

function expectClose(actual: readonly number[], wanted: readonly number[]): void {
  expect(actual).toHaveLength(wanted.length);
  wanted.forEach((value, step) => expect(actual[step]).toBeCloseTo(value, 14));
}

describe('the learning rate', () => {
  test('stays the same to the last bit where nothing is asked for', () => {
    expect(factors('constant', 0, 5)).toEqual([1, 1, 1, 1, 1]);
  });

  test('goes down by a fifth of its start in each of five steps', () => {
    expectClose(factors('linear', 0, 5), [1, 0.8, 0.6, 0.4, 0.2]);
  });

  test('goes down as half a cosine', () => {
    // (1 + cos(k pi / 6)) / 2, with cos(pi / 6) = sqrt(3) / 2 and cos(pi / 3) = 1 / 2.
    const half = Math.sqrt(3) / 4;
    expectClose(factors('cosine', 0, 6), [1, 0.5 + half, 0.75, 0.5, 0.25, 0.5 - half]);
  });

  test('rises before that, and has its full height in the last step of the warm-up', () => {
    // Of 10 steps, 0.35 are 4: a quarter more in each, then six steps from 1 down.
    expectClose(factors('linear', 0.35, 10), [0.25, 0.5, 0.75, 1, 1, 5 / 6, 4 / 6, 3 / 6, 2 / 6, 1 / 6]);
    expectClose(factors('constant', 0.35, 10), [0.25, 0.5, 0.75, 1, 1, 1, 1, 1, 1, 1]);
    expectClose(factors('cosine', 0.5, 4), [0.5, 1, 1, 0.5]);
  });

  test('is full in a run of a single step, whatever the warm-up', () => {
    for (const schedule of ['constant', 'linear', 'cosine'] as const) expect(factors(schedule, 0.9, 1)).toEqual([1]);
  });
});
