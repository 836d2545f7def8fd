import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { isTaskPath, openTask, type OwnPrompt } from '../../tasks/index.js';
import { complaint, folderWith, jsonl } from '../support/data-folder.js';

const asked: OwnPrompt = { prompt: '{text} It was', candidates: ' bad, great', label: 'label', testFile: null };
const rows = Array.from({ length: 200 }, (_, index) => ({ text: `Film ${index}.`, label: index % 2 }));

const open = (file: string, changes: Partial<OwnPrompt> = {}, kind: 'causal' | 'masked' = 'causal') =>
  openTask({ task: file, data: '', template: 'aligned', ...asked, ...changes }, kind);

/** The training items of a file with these rows, its test items in another. */
async function items(row: object, changes: Partial<OwnPrompt>, kind: 'causal' | 'masked' = 'causal') {
  const folder = folderWith({ 'mine.jsonl': jsonl(row) });
  const { source } = await open(join(folder, 'mine.jsonl'), { testFile: join(folder, 'mine.jsonl'), ...changes }, kind);
  return source.train.map(({ prompt, candidates, answer }) => [prompt, candidates, answer]);
}

test('a task is of the user’s own where its name is a path', () => {
  expect(['./mine.jsonl', 'mine.jsonl', 'folder/mine', 'sst2'].map(isTaskPath)).toEqual([true, true, true, false]);
});

describe('a row is asked', () => {
  test('with its fields in the place of their names, in prompt and candidates, \\n being a line break', async () => {
    expect(await items({ text: 'Dull.', label: 1 }, {})).toEqual([['Dull. It was', [' bad', ' great'], 1]]);
    const row = { q: 'Why?', a: 'So.', b: 7, right: '7' };
    expect(await items(row, { prompt: '{q}\\nAnswer:', candidates: ' {a}, {b}', label: 'right' })).toEqual([
      ['Why?\nAnswer:', [' So.', ' 7'], 1],
    ]);
  });

  test('for a masked language model where the prompt has a mask', async () => {
    expect(await items({ text: 'Dull.', label: 'bad' }, { prompt: '{text} It was<mask>.' }, 'masked')).toEqual([
      ['Dull. It was<mask>.', [' bad', ' great'], 0],
    ]);
    expect(await complaint(items({ text: 'Dull.', label: 0 }, {}, 'masked'))).toContain('has no aligned prompt for masked language models');
  });

  test('and its label is a number, a candidate, or false and true', async () => {
    const answer = async (label: unknown) => (await items({ text: 'a', label }, {}))[0]?.[2];
    expect([await answer(0), await answer('great'), await answer(' bad'), await answer(true)]).toEqual([0, 1, 0, 1]);
  });
});

describe('without a test file a fifth of the items', () => {
  test('is split off, the same whatever else is in the file, equal rows together', async () => {
    const folder = folderWith({ 'a.jsonl': jsonl(...rows), 'b.jsonl': jsonl(...rows.slice(100).reverse(), ...rows.slice(100)) });
    const [a, b] = [(await open(join(folder, 'a.jsonl'))).source, (await open(join(folder, 'b.jsonl'))).source];
    expect(a.train.length + a.test.length).toBe(200);
    expect(a.test.length).toBeGreaterThan(25);
    expect(a.test.length).toBeLessThan(55);
    const held = new Set(a.test.map(({ prompt }) => prompt));
    expect(a.train.some(({ prompt }) => held.has(prompt))).toBe(false);
    expect(b.test.every(({ prompt }) => held.has(prompt))).toBe(true);
    expect(b.train.some(({ prompt }) => held.has(prompt))).toBe(false);
  });
});

describe('what is wrong is refused in one line', () => {
  const folder = folderWith({
    'mine.jsonl': jsonl(...rows, { text: 'x', label: 2 }),
    'blank.jsonl': jsonl({ text: 'x', word: ' ', label: 0 }),
    'open.jsonl': jsonl({ text: 'x', label: null }, { text: 'x', label: [] }),
  });
  const file = join(folder, 'mine.jsonl');

  test.each([
    {
      changes: { prompt: null },
      says: `--task ${file}: say how it is asked: --prompt '{text} It was' --candidates ' terrible, great' --label label`,
    },
    { changes: { candidates: ' bad' }, says: '--candidates  bad: at least two are needed, separated by commas' },
    { changes: { prompt: '{txt} It was' }, says: `${file}:1: there is no field txt` },
    { changes: { label: 'class' }, says: `${file}:1: there is no field class` },
    { changes: {}, says: `${file}:201: label: 2 is neither one of "bad", "great" nor its number from 0` },
    { changes: { testFile: './no.jsonl' }, says: './no.jsonl does not exist (--task, --test-file: a file with a JSON object per line)' },
  ] satisfies { changes: Partial<OwnPrompt>; says: string }[])('$says', async ({ changes, says }) => {
    const test = 'testFile' in changes ? folderWith({ 'mine.jsonl': jsonl(...rows) }) : folder;
    expect(await complaint(open(join(test, 'mine.jsonl'), changes))).toBe(says);
  });

  test('a row without a label, which is no class 0', async () => {
    const unlabelled = join(folder, 'open.jsonl');
    expect(await complaint(open(unlabelled, { testFile: unlabelled }))).toBe(
      `${unlabelled}:1: label: null is neither one of "bad", "great" nor its number from 0`,
    );
  });

  test('an empty candidate by its line', async () => {
    const blank = join(folder, 'blank.jsonl');
    expect(await complaint(open(blank, { candidates: ' {word}, great', testFile: blank }))).toBe(`${blank}:1: candidate 1 is empty`);
  });
});
