import { rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { packRecords, readRecords } from '../../records/read.js';
import { completedRecord, endedRecord, runFolder } from '../reports/fake-records.js';

const good = completedRecord();

/** A run folder with one good record and one file of the given content. */
function folderWith(name: string, content: string): string {
  const folder = runFolder([good]);
  writeFileSync(join(folder, 'records', name), content);
  return folder;
}

describe('readRecords', () => {
  test('gives back what was written, sorted by model, task, scheme, optimizer and seed', () => {
    const settings = [
      { model: 'a', task: 't', scheme: 'full', optimizer: 'x', seed: 2 },
      { model: 'a', task: 't', scheme: 'full', optimizer: 'x', seed: 10 },
      { model: 'a', task: 't', scheme: 'full', optimizer: 'y', seed: 1 },
      { model: 'a', task: 't', scheme: 'lora', optimizer: 'x', seed: 1 },
      { model: 'a', task: 'u', scheme: 'full', optimizer: 'x', seed: 1 },
      { model: 'b', task: 't', scheme: 'full', optimizer: 'x', seed: 1 },
    ];
    const records = settings.map((each, index) => (index % 2 === 0 ? completedRecord(each) : endedRecord(each)));
    expect(readRecords(runFolder(records.toReversed()))).toEqual({ records, problems: [] });
  });

  test('keeps the good records beside a file that is not JSON, and names that file', () => {
    const { records, problems } = readRecords(folderWith('cut.json', '{"state": "comp'));
    expect(records).toEqual([good]);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(
      /^records\/cut\.json: not JSON \(.+\); delete the file, or let --resume keep it aside and run its cell again$/,
    );
  });

  test('names file and field of a value that does not fit', () => {
    const bad = { ...good, cell: 'bad', settings: { ...good.settings, seed: 'one' } };
    const { records, problems } = readRecords(folderWith('bad.json', JSON.stringify(bad)));
    expect(records).toEqual([good]);
    expect(problems).toEqual([expect.stringMatching(/^records\/bad\.json: settings\.seed: .*a whole number is needed.*; delete/)]);
  });

  test.each([
    ['an unknown state', { state: 'asleep' }, 'state'],
    ['another record version', { recordVersion: 99 }, 'recordVersion'],
    ['a missing field', { forwards: undefined }, 'forwards'],
  ])('reports %s on one line', (_, change, field) => {
    const { problems } = readRecords(folderWith('bad.json', JSON.stringify({ ...good, cell: 'bad', ...change })));
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(new RegExp(`^records/bad\\.json: ${field}: [^\\n]+$`));
  });

  test('says how many more fields are wrong', () => {
    const { problems } = readRecords(
      folderWith('bad.json', JSON.stringify({ ...good, cell: 'bad', forwards: 'a', backwards: 'b', seconds: 'c' })),
    );
    expect(problems[0]).toContain('(and 2 more)');
  });

  test('does not count a copied record twice', () => {
    const { records, problems } = readRecords(folderWith('copy.json', JSON.stringify(good)));
    expect(records).toEqual([good]);
    expect(problems).toEqual([
      `records/copy.json: cell: "${good.cell}" is not the file's name; delete the file, or let --resume keep it aside and run its cell again`,
    ]);
  });

  test('leaves alone files that are no records', () => {
    expect(readRecords(folderWith('half-written.json.1234', '{')).problems).toEqual([]);
  });

  test('of a packed run are those of the run, and a line that is no record is named', () => {
    const folder = runFolder([good, endedRecord({ seed: 7 })]);
    const packed = runFolder([]);
    rmSync(join(packed, 'records'), { recursive: true });
    packRecords(folder, packed);
    expect(readRecords(packed)).toEqual(readRecords(folder));
    writeFileSync(join(packed, 'records.jsonl.gz'), gzipSync(`${JSON.stringify(good)}\n{"state"\n`));
    const { records, problems } = readRecords(packed);
    expect(records).toEqual([good]);
    expect(problems).toEqual([expect.stringMatching(/^records\.jsonl\.gz, line 2: not JSON /)]);
    truncateSync(join(packed, 'records.jsonl.gz'), 30);
    expect(() => readRecords(packed)).toThrow(/records\.jsonl\.gz: is damaged \([^\n]+\); pack the run anew$/);
  });

  test('are not packed where one of them cannot be read', () => {
    expect(() => packRecords(folderWith('cut.json', '{'), runFolder([]))).toThrow('records/cut.json: not JSON');
  });

  test('refuses a folder without records, by name', () => {
    expect(() => readRecords('no/such/run')).toThrow(
      'no/such/run: no folder "records" in it, nor records.jsonl.gz; give the folder that a run wrote',
    );
  });
});
