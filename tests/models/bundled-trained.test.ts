import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import { projectFolder } from '../../engine/index.js';
import { bundledModelFolder, bundledModelIds, openCheckpoint } from '../../models/index.js';
import { readRecords } from '../../records/index.js';
import { resultsText } from '../../reports/index.js';

// What training makes of the bundled models takes an hour: a committed run is looked at, that must be of the models as they are.

type Row = Readonly<Record<string, string>>;

const run = join(projectFolder, 'results/reference/minis');
const rowsOf = (csv: string): Row[] => parse(csv, { columns: true }) as unknown as Row[];
const rows = rowsOf(resultsText(readRecords(run).records));
const otherRates = rowsOf(readFileSync(join(run, 'search.csv'), 'utf8'));

const SEEDS = ['0', '1', '2'];
const MOST_STEPS = 2000;
const LEAST_FO = 0.9;
const LEAST_GAIN = 0.1;

const tasksOf = (id: string): string[] => (id === 'roberta-mini' ? ['sst2'] : ['sst2', 'copa', 'winogrande', 'squad']);
const pairs = bundledModelIds.flatMap((id) => tasksOf(id).map((task) => ({ id, task })));

describe.each(pairs)('$id on $task, mean of three seeds', ({ id, task }) => {
  const hash = openCheckpoint(bundledModelFolder(id)).sha256();
  const meanOf = (own: readonly Row[], value: (row: Row) => number): number => own.reduce((sum, row) => sum + value(row), 0) / own.length;

  function completed(optimizer: string): Row[] {
    const own = rows.filter((row) => row.model === id && row.task === task && row.optimizer === optimizer);
    expect(own.map(({ seed }) => seed).sort()).toEqual(SEEDS);
    for (const row of own) expect(row).toMatchObject({ state: 'completed', scheme: 'full', data: 'bundled', checkpointSha256: hash });
    return own;
  }

  test.each(['fo-adam', 'zo-sgd'])('%s has of two rates the better on dev, of equal ones the larger', (optimizer) => {
    const [taken] = completed(optimizer).filter(({ seed }) => seed === '0');
    const [other, ...more] = otherRates.filter((row) => row.model === id && row.task === task && row.optimizer === optimizer);
    expect([other?.checkpointSha256, other?.seed, other?.steps, more.length]).toEqual([hash, '0', taken?.steps, 0]);
    const worth = (row?: Row): number[] => [Number(row?.finalDevScore), Number(row?.learningRate)];
    const [[dev = NaN, rate = NaN], [otherDev = NaN, otherRate = NaN]] = [worth(taken), worth(other)];
    expect(dev > otherDev || (dev === otherDev && rate > otherRate)).toBe(true);
  });

  test('FO-Adam reaches 90 %', () => {
    expect(meanOf(completed('fo-adam'), ({ finalTestScore }) => Number(finalTestScore))).toBeGreaterThanOrEqual(LEAST_FO);
  });

  test('ZO-SGD gains 10 points within 2,000 steps', () => {
    const own = completed('zo-sgd');
    expect(Math.max(...own.map(({ steps }) => Number(steps)))).toBeLessThanOrEqual(MOST_STEPS);
    const gain = meanOf(own, ({ finalTestScore, zeroShotTestScore }) => Number(finalTestScore) - Number(zeroShotTestScore));
    expect(gain).toBeGreaterThanOrEqual(LEAST_GAIN);
  });
});
