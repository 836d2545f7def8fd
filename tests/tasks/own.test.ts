import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { disjoint, isTaskPath, openTask, type OwnPrompt } from '../../tasks/index.js';
import { complaint, folderWith, jsonl } from '../support/data-folder.js';

const asked: OwnPrompt = { prompt: '{text} It was', candidates: ' bad, great', label: 'label', testFile: null };
const rows = Array.from({ length: 200 }, (_, index) => ({ text: `Film ${index}.`, label: index % 2 }));

const open = (file: string, changes: Partial<OwnPrompt> = {}, kind: 'causal' | 'masked' = 'causal') =>
  openTask({ task: file, data: '', template: 'aligned', ...asked, ...changes }, kind);

/** The test items of a file with this row. */
async function items(row: object, changes: Partial<OwnPrompt>, kind: 'causal' | 'masked' = 'causal') {
  const other = { ...row, text: 'Other.', q: 'Who?' };
  const folder = folderWith({ 'mine.jsonl': jsonl(other), 'test.jsonl': jsonl(row) });
  const { source } = await open(join(folder, 'mine.jsonl'), { testFile: join(folder, 'test.jsonl'), ...changes }, kind);
  return source.test.map(({ prompt, candidates, answer }) => [prompt, candidates, answer]);
}

const written = (row: object): string => join(folderWith({ 'mine.jsonl': jsonl(row) }), 'mine.jsonl');

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

  test.each(['A <mask> b.', '<mask><mask>', 'x <mask>', '<mask>'])('as its template says, though its text is "%s"', async (text) => {
    const [file, testFile] = [written({ text, label: 0 }), written({ text: 'Other.', label: 0 })];
    const { source } = await open(file, { testFile });
    expect(source.train).toEqual([expect.objectContaining({ prompt: `${text} It was` })]);
    expect(source.train[0]).not.toHaveProperty('maskAt');
    const masked = (await open(file, { testFile, prompt: '{text} It was<mask>, {text}.' }, 'masked')).source;
    expect(masked.train[0]).toMatchObject({ prompt: `${text} It was<mask>, ${text}.`, maskAt: `${text} It was`.length });
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

describe('what is tested is never trained on', () => {
  const row = (text: string, label: unknown, id = 0) => ({ text, label, id });
  const opened = async (folder: string, file: string, testFile: string | null = null, changes: Partial<OwnPrompt> = {}) =>
    disjoint((await open(join(folder, file), { ...changes, testFile: testFile && join(folder, testFile) })).source);

  test('rows that ask the same, whatever their other fields, are left out of the training items and counted', async () => {
    const folder = folderWith({
      'train.jsonl': jsonl(row('A.', 0), row('B.', 1), row('A.', 1, 7), row('C.', 0)),
      'test.jsonl': jsonl(row('A.', 'bad', 3), row('D.', 1), row('D.', 1)),
    });
    const { source, overlap } = await opened(folder, 'train.jsonl', 'test.jsonl');
    expect(source.train.map(({ prompt }) => prompt)).toEqual(['B. It was', 'C. It was']);
    expect([source.test.length, overlap]).toEqual([3, 2]);
  });

  test('also where a fifth of one file is split off', async () => {
    const folder = folderWith({ 'a.jsonl': jsonl(...rows.flatMap((one) => [1, 2, 3].map((id) => ({ ...one, id })))) });
    const { source, overlap } = await opened(folder, 'a.jsonl');
    const tested = new Set(source.test.map(({ prompt }) => prompt));
    expect(source.train.filter(({ prompt }) => tested.has(prompt))).toEqual([]);
    expect(source.train.length + source.test.length + overlap).toBe(600);
    expect(overlap).toBeGreaterThan(100);
  });

  test('and refused is what has nothing but test items', async () => {
    const same = jsonl(row('A.', 0), row('B.', 1));
    const folder = folderWith({ 'train.jsonl': same, 'test.jsonl': same + jsonl(row('C.', 0)) });
    expect(await complaint(opened(folder, 'train.jsonl', 'test.jsonl'))).toMatch(
      /every training item is a test item too: give other test items$/,
    );
  });

  test('and other candidates make another item', async () => {
    const own = (a: string, label: number) => ({ text: 'A.', a, b: 'x', label });
    const folder = folderWith({ 'train.jsonl': jsonl(own('y', 0), own('z', 0)), 'test.jsonl': jsonl(own('y', 1)) });
    const { source } = await opened(folder, 'train.jsonl', 'test.jsonl', { candidates: ' {a}, {b}' });
    expect(source.train.map(({ candidates }) => candidates)).toEqual([[' z', ' x']]);
  });
});

describe('an empty set is refused', () => {
  const held = rows.slice(0, 40);
  test.each([
    {
      name: 'of which no row is held out',
      train: rows.slice(1, 3),
      test: undefined,
      says: /of 2 rows a fifth is held out by content, and so none is a test item: give test items with --test-file$/,
    },
    { name: 'of no rows', train: rows.slice(0, 0), test: undefined, says: /a\.jsonl: there is no item \(--task, --test-file/ },
    { name: 'with an empty test file', train: held, test: '', says: /t\.jsonl: there is no item \(--task, --test-file/ },
    { name: 'with a test file of blank lines', train: held, test: '\n  \n', says: /t\.jsonl: there is no item/ },
  ])('$name', async ({ train, test: content, says }) => {
    const folder = folderWith({ 'a.jsonl': jsonl(...train), 't.jsonl': content ?? '' });
    expect(await complaint(open(join(folder, 'a.jsonl'), { testFile: content === undefined ? null : join(folder, 't.jsonl') }))).toMatch(
      says,
    );
  });
});

test('labels are read as those of all rows, of the test file too', async () => {
  const folder = folderWith({
    'a.jsonl': jsonl({ text: 'A.', label: 1 }, { text: 'B.', label: 2 }),
    't.jsonl': jsonl({ text: 'C.', label: 3 }),
  });
  const { source } = await open(join(folder, 'a.jsonl'), { candidates: ' 1, 2, 3', testFile: join(folder, 't.jsonl') });
  expect([...source.train, ...source.test].map(({ answer }) => answer)).toEqual([0, 1, 2]);
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
    { changes: { candidates: ' bad, good,bad ' }, says: '--candidates  bad, good,bad : "bad" stands there twice' },
    {
      changes: { prompt: '{text It was' },
      says: '--prompt {text It was: every row would be asked the same: name a field in braces, such as {text}',
    },
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

  test.each(['[1, 2]', '"text"', 'null', '7'])('a line of %s, which is no object', async (line) => {
    const other = join(folderWith({ 'mine.jsonl': `${line}\n` }), 'mine.jsonl');
    expect(await complaint(open(other, { testFile: other }))).toBe(`${other}:1: a JSON object per line is needed`);
  });

  test('an empty candidate by its line', async () => {
    const blank = join(folder, 'blank.jsonl');
    expect(await complaint(open(blank, { candidates: ' {word}, great', testFile: blank }))).toBe(`${blank}:1: candidate 1 is empty`);
  });
});
