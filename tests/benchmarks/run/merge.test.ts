import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mergeRuns } from '../../../benchmarks/run/merge.js';
import { openRunFolder, readRequests, recordsIn, writeRecord } from '../../../benchmarks/run/run-folder.js';
import type { CellRecord } from '../../../records/index.js';
import { completedRecord, endedRecord } from '../../reports/fake-records.js';
import { benchWith } from '../fixtures/bench.js';
import { fakeParts } from '../fixtures/parts.js';

let folder = '';
const at = (name: string): string => path.join(folder, name);
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'merge-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function run(name: string, ...records: CellRecord[]): string {
  openRunFolder(at(name))();
  records.forEach((record) => writeRecord(at(name), record));
  return at(name);
}
const merged = (): CellRecord[] => [...recordsIn(at('out')).records.values()];

describe('folders merged', () => {
  test('hold every record once, whichever folders had it', () => {
    const [one, two, three] = [1, 2, 3].map((seed) => completedRecord({ seed })) as [CellRecord, CellRecord, CellRecord];
    expect(mergeRuns([run('a', one, two), run('b', two, three)], at('out'))).toEqual([]);
    expect(merged()).toEqual(expect.arrayContaining([one, two, three]));
    expect(merged()).toHaveLength(3);
  });

  test.each([
    ['after', (ended: CellRecord, done: CellRecord): CellRecord[] => [ended, done]],
    ['before', (ended: CellRecord, done: CellRecord): CellRecord[] => [done, ended]],
  ])('have what completed, where it comes %s what did not', (_, ordered) => {
    const [first, second] = ordered(endedRecord(), completedRecord()) as [CellRecord, CellRecord];
    expect(mergeRuns([run('a', first), run('b', second)], at('out'))).toEqual([]);
    expect(merged().map(({ state }) => state)).toEqual(['completed']);
  });

  test('say which cells were made of other files, and keep the first', () => {
    const record = completedRecord();
    const other: CellRecord = { ...record, seconds: 99, inputs: { model: { 'config.json': '11'.repeat(32) } } };
    expect(mergeRuns([run('a', record), run('b', other)], at('out'))).toEqual([
      `${record.cell}: ${at('b')} made it of other files than ${at('a')}, whose record is kept`,
    ]);
    expect(merged()).toEqual([record]);
  });

  test('take no offence at a record that does not say what it was made of', () => {
    const record = completedRecord();
    expect(mergeRuns([run('a', record), run('b', { ...record, inputs: {} })], at('out'))).toEqual([]);
  });

  test('keep what the folder had, and can be merged into again', () => {
    const [one, two] = [1, 2].map((seed) => completedRecord({ seed })) as [CellRecord, CellRecord];
    run('out', one);
    const a = run('a', { ...one, seconds: 99 }, two);
    mergeRuns([a], at('out'));
    mergeRuns([a], at('out'));
    expect(merged()).toEqual(expect.arrayContaining([one, two]));
  });

  test('name files that are no records', () => {
    const a = run('a', completedRecord());
    writeFileSync(path.join(a, 'records', 'c123.json'), '{');
    expect(mergeRuns([a], at('out'))).toEqual([expect.stringMatching(/a\/records\/c123\.json: not JSON/)]);
  });

  test('need a run folder with a record in it', () => {
    expect(() => mergeRuns([at('nothing')], at('out'))).toThrow(/nothing: no folder "records" in it/);
    expect(() => mergeRuns([run('empty')], at('out'))).toThrow(`${at('empty')}: no readable record to merge`);
    expect(readdirSync(folder)).toEqual(['empty']);
  });
});

test('the shards of a run, merged, are the run: seed logs too, and it can be gone on with', async () => {
  const axes = ['--model', 'opt-mini', '--task', 'logs', '--scheme', 'full', '--optimizer', 'zo-sgd', '--seeds', '6', '--steps', '5'];
  const bench = (...argv: string[]) => benchWith(fakeParts.catalog, ...argv);
  for (const part of ['1', '2']) await bench(...axes, '--shard', `${part}/2`, '--out', at(part));
  mergeRuns([at('1'), at('2')], at('out'));
  await bench(...axes, '--out', at('whole'));
  for (const inside of ['records', 'seed-logs']) expect(readdirSync(at(`out/${inside}`))).toEqual(readdirSync(at(`whole/${inside}`)));
  expect(readRequests(at('out'))).toEqual(readRequests(at('whole')));
  rmSync(at(`out/records/${readdirSync(at('out/records'))[0] ?? ''}`));
  expect((await bench('--resume', '--out', at('out'))).started).toBe(1);
});

test('a packed run is merged as one with files', () => {
  mkdirSync(at('out'));
  mergeRuns(['results/reference/minis'], at('out'));
  expect(merged().length).toBe(recordsIn('results/reference/minis').records.size);
  expect(readFileSync(at('out/run.json'), 'utf8')).toContain('requests');
});
