import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { projectFolder } from '../../engine/index.js';
import { readRecords } from '../../records/read.js';
import { recordSchema } from '../../records/record-schema.js';
import type { CellSettings } from '../../records/record.js';
import { upgraded } from '../../records/upgrade.js';
import { completedRecord } from '../reports/fake-records.js';

/** As version 3 made a cell's id: the settings that it hashed, sorted by name, written out by hand. */
const HASHED =
  '{"accumulate":1,"batchSize":16,"candidates":" bad, good","data":"./sets/../data","devSize":500,"epsilon":0.001,"evaluateEvery":50,' +
  '"label":"label","learningRate":0.0001,"model":"../models/tiny","objective":"cross-entropy","optimizer":"../own/mine.ts","perClass":null,' +
  '"prompt":"{text} is","schedule":"constant","scheme":"full","seed":1,"steps":200,"task":"./tasks/films.jsonl","template":"aligned",' +
  '"testFile":"../tasks/held-out.jsonl","testSize":1000,"trainSize":1000,"warmup":0,"weightDecay":0}';
/** What version 4 hashed. */
const hashed = (decided: CellSettings): string =>
  JSON.stringify(
    Object.fromEntries(
      Object.entries(decided)
        .filter(([name]) => !['threads', 'stream', 'timeoutSeconds'].includes(name))
        .sort(([a], [b]) => (a < b ? -1 : 1)),
    ),
  );
const cell = createHash('sha256').update(HASHED).digest('hex').slice(0, 16);
const settings = { ...(JSON.parse(HASHED) as object), threads: 1, timeoutSeconds: 600 };

/** As it stands in a file, where what is undefined is not. */
const before = (changes: object = {}): object => {
  const record = { ...completedRecord(), recordVersion: 3, cell, settings, places: undefined, inputs: undefined, ...changes };
  return JSON.parse(JSON.stringify(record)) as object;
};

describe('a record of version 3', () => {
  test('is read with names for paths, where they were beside them, and no word of what it was made of', () => {
    const record = recordSchema.parse(upgraded(before()));
    expect(record).toMatchObject({
      recordVersion: 5,
      settings: {
        model: 'tiny',
        task: 'films',
        testFile: 'held-out.jsonl',
        optimizer: 'mine',
        data: 'files',
        prompt: '{text} is',
        seed: 1,
      },
      inputs: {},
    });
    expect(record.places).toEqual({
      model: '../models/tiny',
      task: './tasks/films.jsonl',
      testFile: '../tasks/held-out.jsonl',
      optimizer: '../own/mine.ts',
      data: './sets/../data',
    });
    expect({ ...record, recordVersion: 3, cell, settings }).toMatchObject(before());
  });

  test('has the id that names alone give: wherever its files were', () => {
    const elsewhere = HASHED.replaceAll('../', '/somewhere/').replace('./sets//somewhere/data', '/data');
    const other = createHash('sha256').update(elsewhere).digest('hex').slice(0, 16);
    const [one, two] = [before(), before({ cell: other, settings: { ...settings, ...(JSON.parse(elsewhere) as object) } })];
    const ids = [one, two].map((content) => recordSchema.parse(upgraded(content)).cell);
    expect(ids).toEqual([expect.stringMatching(/^c[0-9a-f]{15}$/), ids[0]]);
  });

  test.each([
    ['an id on the hub', 'facebook/opt-125m', 'facebook/opt-125m'],
    ['a bundled model', 'opt-mini', 'opt-mini'],
    ['a folder', '/models/opt/125m', '125m'],
    ['a folder two steps up', '../../125m', '125m'],
  ])('of %s names it %s', (_, model, name) => {
    expect(upgraded(before({ settings: { ...settings, model } }))).toMatchObject({ settings: { model: name } });
  });

  test("with another cell's settings is found out, as one of today is", () => {
    const edited = recordSchema.safeParse(upgraded(before({ settings: { ...settings, learningRate: 1 } })));
    expect(edited.error?.issues.map(({ path }) => path.join('.'))).toEqual(['cell']);
  });

  test.each([2, '3', 5])('and no other: version %j stays as it is', (recordVersion) => {
    const content = before({ recordVersion });
    expect(upgraded(content)).toBe(content);
  });
});

test('one of version 4 has its scores under that name, and the bundled data and models under theirs', () => {
  const today = completedRecord();
  const { zeroShot, final, devCurve, checkpoint, dataSource } = today;
  const old = ({ score, ...rest }: { score: number }): object => ({ accuracy: score, ...rest });
  const both = ({ dev, test: held }: typeof zeroShot): object => ({ dev: old(dev), test: old(held) });
  const { bundled, ...rest } = checkpoint;
  const settings4 = { ...today.settings, data: 'embedded' };
  const version4 = {
    ...today,
    recordVersion: 4,
    cell: `c${createHash('sha256').update(hashed(settings4)).digest('hex').slice(0, 15)}`,
    settings: settings4,
    zeroShot: both(zeroShot),
    final: { ...both(final), step: final.step },
    devCurve: devCurve.map(old),
    checkpoint: { ...rest, embedded: bundled },
  };
  expect(recordSchema.parse(upgraded(JSON.parse(JSON.stringify(version4))))).toEqual({
    ...(JSON.parse(JSON.stringify(today)) as object),
    dataSource,
  });
});

test.each(['full', 'minis'])('the packed records of the reference run %s are of version 3, and every one is read', (name) => {
  const folder = join(projectFolder, 'results/reference', name);
  const lines = gunzipSync(readFileSync(join(folder, 'records.jsonl.gz')))
    .toString('utf8')
    .trimEnd()
    .split('\n');
  expect(lines.filter((line) => !line.startsWith('{"recordVersion":3,'))).toEqual([]);
  const { records, problems } = readRecords(folder);
  expect([records.length, problems]).toEqual([lines.length, []]);
});
