import { describe, expect, test } from '@jest/globals';
import { apart, summarise, writeReport } from '../../reports/index.js';
import { type CellRecord, type CellSettings } from '../../records/record.js';
import { completedRecord, runFolder } from './fake-records.js';

/** A record of something whose hash is one letter, over and over. */
function made(
  seed: number,
  inputs: { model?: string; data?: string; optimizer?: string },
  settings: Partial<CellSettings> = {},
): CellRecord {
  const { model, data, optimizer } = inputs;
  const files = (letter: string): Record<string, string> => ({ 'a file': letter.repeat(64) });
  const record = completedRecord({ seed, ...settings }, { testAccuracy: seed / 10 });
  return {
    ...record,
    inputs: {
      ...(model && { model: files(model) }),
      ...(data && { data: files(data) }),
      ...(optimizer && { optimizer: optimizer.repeat(64) }),
    },
  };
}

const seedsOf = (records: readonly CellRecord[]): unknown[] => summarise(records).map(({ measured }) => measured?.seeds);

describe('records of one name and several contents are no seeds of one experiment', () => {
  test.each([
    ['a model', [made(1, { model: 'a' }), made(2, { model: 'b' }), made(3, { model: 'b' })], 'model opt-mini'],
    [
      'data',
      [made(1, { model: 'a', data: 'c' }), made(2, { model: 'a', data: 'd' }), made(3, { model: 'a', data: 'd' })],
      'bundled data of sst2',
    ],
    [
      'an own optimizer',
      [1, 2, 3].map((seed) => made(seed, { model: 'a', optimizer: seed === 1 ? 'e' : 'f' }, { optimizer: `mine:q=2` })),
      'optimizer mine',
    ],
  ])('%s', (_, records, name) => {
    expect(seedsOf(records)).toEqual([3]);
    const { records: shown, problems } = apart(records);
    expect(seedsOf(shown).sort()).toEqual([1, 2]);
    expect(problems).toEqual([
      expect.stringMatching(`^${name}: records of 2 different contents \\([0-9a-f]{8}, [0-9a-f]{8}\\), shown apart$`),
    ]);
  });

  test('a task whose version was raised, also where older records hold it outside of their inputs', () => {
    const older = { ...completedRecord({ seed: 1 }), taskVersion: 1 };
    const newer = { ...completedRecord({ seed: 2 }), taskVersion: 2, inputs: { taskVersion: 2 } };
    expect(apart([older, newer]).problems).toEqual([
      expect.stringMatching(/^task sst2: records of 2 different contents \([0-9a-f]{8}, [0-9a-f]{8}\), shown apart$/),
    ]);
    expect(apart([older, { ...newer, taskVersion: 1, inputs: { taskVersion: 1 } }]).problems).toEqual([]);
  });

  test('an optimizer keeps its options behind its name', () => {
    const records = ['e', 'f'].map((optimizer, seed) => made(seed, { optimizer }, { optimizer: 'mine:q=2' }));
    expect(apart(records).records.map(({ settings }) => settings.optimizer)).toEqual([
      expect.stringMatching(/^mine \([0-9a-f]{8}\):q=2$/),
      expect.stringMatching(/^mine \([0-9a-f]{8}\):q=2$/),
    ]);
  });

  test('the report of a run folder says so', async () => {
    const { problems } = await writeReport(runFolder([made(1, { model: 'a', data: 'c' }), made(2, { model: 'a', data: 'd' })]));
    expect(problems).toEqual([expect.stringContaining('bundled data of sst2: records of 2 different contents')]);
  });
});

test.each([
  ['the same contents', [made(1, { model: 'a', data: 'c' }), made(2, { model: 'a', data: 'c' })]],
  ['records that do not say', [made(1, { model: 'a' }), made(2, {})]],
  ['other tasks', [made(1, { data: 'c' }), made(2, { data: 'd' }, { task: 'copa' })]],
  ['other models', [made(1, { model: 'a' }), made(2, { model: 'b' }, { model: 'llama-mini' })]],
])('%s stay as they are', (_, records) => {
  expect(apart(records)).toEqual({ records, problems: [] });
});
