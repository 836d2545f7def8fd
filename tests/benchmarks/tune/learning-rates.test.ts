import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import { projectFolder } from '../../../engine/index.js';
import { bundledModelFolder, bundledModelIds, openCheckpoint } from '../../../models/index.js';

type Row = Readonly<Record<'model' | 'task' | 'scheme' | 'optimizer' | 'checkpointSha256' | 'learningRate' | 'finalDevScore', string>>;
type Rate = Readonly<Record<'model' | 'task' | 'scheme' | 'optimizer', string>> & { readonly learningRate: number };

const file = (path: string): string => readFileSync(join(projectFolder, path), 'utf8');
const rates = JSON.parse(file('benchmarks/learning-rates.json')) as Rate[];
const log = parse(file('results/reference/learning-rates/results.csv'), { columns: true }) as unknown as Row[];
const today = new Map(bundledModelIds.map((id) => [id, openCheckpoint(bundledModelFolder(id)).sha256()]));

/** The rates of the trials of a cell, on the model as it is, that did best on dev. */
function bestOf({ model, task, scheme, optimizer }: Rate): number[] {
  const own = log.filter(
    (row) =>
      [row.model, row.task, row.scheme, row.optimizer].join() === [model, task, scheme, optimizer].join() &&
      row.checkpointSha256 === today.get(model) &&
      row.finalDevScore !== '',
  );
  const best = Math.max(...own.map(({ finalDevScore }) => Number(finalDevScore)));
  return own.filter(({ finalDevScore }) => Number(finalDevScore) === best).map(({ learningRate }) => Number(learningRate));
}

describe('a learning rate that runs take', () => {
  test.each(rates)(
    'of $optimizer, $scheme, on $task with $model did best on dev in the committed search, on the model of today',
    (rate) => {
      expect(bestOf(rate)).toContain(rate.learningRate);
    },
  );

  test('is there once for a cell', () => {
    const cells = rates.map(({ model, task, scheme, optimizer }) => [model, task, scheme, optimizer].join());
    expect(new Set(cells).size).toBe(cells.length);
  });
});
