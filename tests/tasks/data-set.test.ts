import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parquetWriteBuffer, type ColumnSource } from 'hyparquet-writer';
import { taskNamed, type Example, type ModelKind, type Source } from '../../tasks/index.js';
import { complaint, folderWith, jsonl } from '../support/data-folder.js';

const load = (id: string, folder: string, kind: ModelKind = 'causal'): Promise<Source> =>
  taskNamed(id).load(folder, { kind, template: 'aligned' });

/** Without the place, which is the file's. */
const asked = (examples: readonly Example[]) => examples.map(({ place, ...rest }) => [rest, place !== undefined]);

const pair = { premise: 'It rains.', hypothesis: 'It is wet.', label: 'entailment' };
const copa = { premise: 'I fell.', choice1: 'I slipped.', choice2: 'I slept.', question: 'cause', label: 0 };
const blank = { sentence: 'The cup or the _ broke.', option1: 'mug', option2: 'pot', answer: '1' };

describe('a row that is not as the data set has them is refused by file, line and field', () => {
  test.each([
    { id: 'rte', file: 'RTE/val.jsonl', row: { premise: 'a', hypothesis: 'b' }, says: 'label: entailment or not_entailment is needed' },
    { id: 'rte', file: 'RTE/val.jsonl', row: { ...pair, label: 'neutral' }, says: 'label: entailment or not_entailment is needed' },
    { id: 'rte', file: 'RTE/val.jsonl', row: { ...pair, label: 0 }, says: 'label: entailment or not_entailment is needed' },
    { id: 'rte', file: 'RTE/val.jsonl', row: { ...pair, premise: 7 }, says: 'premise: text is needed' },
    { id: 'cb', file: 'CB/val.jsonl', row: { ...pair, hypothesis: ' ' }, says: 'hypothesis: is empty' },
    { id: 'boolq', file: 'BoolQ/val.jsonl', row: { passage: 'a', question: 'b', label: 1 }, says: 'label: true or false is needed' },
    { id: 'copa', file: 'COPA/val.jsonl', row: { ...copa, choice2: '' }, says: 'choice2: is empty' },
    { id: 'copa', file: 'COPA/val.jsonl', row: { ...copa, label: 2 }, says: 'label: a class from 0 to 1 is needed' },
    { id: 'copa', file: 'COPA/val.jsonl', row: { ...copa, question: 'why' }, says: 'question: cause or effect is needed' },
    { id: 'winogrande', file: 'WinoGrande/dev.jsonl', row: { ...blank, sentence: 'a b' }, says: 'sentence: needs one blank, "_"' },
    { id: 'winogrande', file: 'WinoGrande/dev.jsonl', row: { ...blank, answer: '' }, says: 'answer: 1 or 2 is needed' },
    {
      id: 'multirc',
      file: 'MultiRC/val.jsonl',
      row: { passage: { text: 'a', questions: [{ question: 'b', answers: [{ text: 'c', label: 3 }] }] } },
      says: 'passage.questions.0.answers.0.label: a class from 0 to 1 is needed',
    },
    {
      id: 'record',
      file: 'ReCoRD/val.jsonl',
      row: { passage: { text: 'Ann ran.', entities: [{ start: 0, end: 2 }] }, qas: [{ query: '@placeholder', answers: [{ text: 'Bo' }] }] },
      says: '0.answers: none is an entity of the passage',
    },
  ])('$id: $says', async ({ id, file, row, says }) => {
    const [folder = ''] = file.split('/');
    const train = { winogrande: 'train_m.jsonl' }[id] ?? 'train.jsonl';
    // Anything may be wrong in the second line; the training file must be right.
    const right: Readonly<Record<string, object>> = { rte: pair, cb: pair, copa, winogrande: blank };
    const good = right[id] ? jsonl(right[id]) : '';
    const data = folderWith({ [`${folder}/${train}`]: good || jsonl(row), [file]: `${good}${jsonl(row)}` });
    const place = good ? `${join(data, file)}:2` : `${join(data, folder, train)}:1`;
    expect(await complaint(load(id, data))).toBe(`${place}: ${says}`);
  });

  test('what is no JSON, no class, or has too few columns', async () => {
    const broken = folderWith({ 'RTE/train.jsonl': `${jsonl(pair)}\n{"premise"\n`, 'RTE/val.jsonl': jsonl(pair) });
    expect(await complaint(load('rte', broken))).toContain(`${join(broken, 'RTE/train.jsonl')}:3: no JSON: `);
    const tsv = (line: string) =>
      folderWith({ 'train.tsv': `sentence\tlabel\nfine\t1\n\n${line}\n`, 'dev.tsv': 'sentence\tlabel\nfine\t1\n' });
    const place = (folder: string) => `${join(folder, 'train.tsv')}:4: `;
    for (const [line, says] of [
      ['only a sentence', '1 tab-separated fields, the first line has 2'],
      ['a\t1\t2', '3 tab-separated fields, the first line has 2'],
      ['a\t2', 'label: 0 or 1 is needed'],
      [' \t1', 'sentence: is empty'],
    ] as const) {
      const folder = tsv(line);
      expect(await complaint(load('sst2', folder))).toBe(place(folder) + says);
    }
    const trec = folderWith({ 'TREC/train.txt': 'LOC:city Where ?\nWhat ?\n', 'TREC/test.txt': 'LOC:city Where ?\n' });
    expect(await complaint(load('trec', trec, 'masked'))).toBe(
      `${join(trec, 'TREC/train.txt')}:2: "CLASS:kind question" is needed, the class one of ABBR, ENTY, DESC, HUM, LOC, NUM`,
    );
  });

  test('a folder without the data set, or with a file in which is nothing', async () => {
    const none = folderWith({ 'RTE/train.jsonl': jsonl(pair) });
    expect(await complaint(load('rte', none))).toBe(
      `${none} has no RTE: train.jsonl with val.jsonl, or train.tsv with dev.tsv, or train-*.parquet or train/*.parquet with validation-*.parquet or validation/*.parquet, or train.jsonl with validation.jsonl or dev.jsonl, in RTE/, rte/ or directly in the folder (--data)`,
    );
    const empty = folderWith({ 'RTE/train.jsonl': '', 'RTE/val.jsonl': '' });
    expect(await complaint(load('rte', empty))).toBe(`${join(empty, 'RTE/train.jsonl')}: there is no item`);
  });
});

test('a file may have as many items as MNLI', async () => {
  const ITEMS = 200_000;
  const line = `${JSON.stringify({ ...pair, label: 'not_entailment' })}\n`;
  const { train } = await load('rte', folderWith({ 'RTE/train.jsonl': line.repeat(ITEMS), 'RTE/val.jsonl': line }));
  expect(train).toHaveLength(ITEMS);
});

test('items without agreement of the annotators are left out', async () => {
  const row = (gold_label: string) => ({ sentence1: 'A man runs.', sentence2: 'He sits.', gold_label });
  const folder = folderWith({
    'SNLI/snli_1.0_train.jsonl': jsonl(row('neutral'), row('-'), row('contradiction')),
    'SNLI/snli_1.0_dev.jsonl': jsonl(row('entailment')),
  });
  const { train, test: held } = await load('snli', folder, 'masked');
  expect([...train, ...held].map(({ answer }) => answer)).toEqual([1, 2, 0]);
});

test('of several right answers any counts, and the first in the alphabet is trained on', async () => {
  const text = 'Bo met Ann Lee and Bo.\n@highlight\nAnn won.';
  const spans = [
    [0, 1],
    [7, 13],
    [19, 20],
    [34, 36],
  ].map(([start, end]) => ({ start, end }));
  const answers = ['Bo', 'Ann'].map((answer) => ({ text: answer }));
  const row = { passage: { text, entities: spans }, qas: [{ query: '@placeholder won.', answers }] };
  const folder = folderWith({ 'ReCoRD/train.jsonl': jsonl(row), 'ReCoRD/val.jsonl': jsonl(row) });
  expect((await load('record', folder)).train).toMatchObject([
    {
      prompt: 'Bo met Ann Lee and Bo.\n- Ann won.\n-',
      candidates: [' Bo won.', ' Ann Lee won.', ' Ann won.'],
      answer: 2,
      alsoRight: [0],
    },
  ]);
});

describe("the hub's Parquet files", () => {
  const parquet = (columnData: ColumnSource[]): Uint8Array => new Uint8Array(parquetWriteBuffer({ columnData }));
  const column = (name: string, type: ColumnSource['type'], ...data: readonly unknown[]): ColumnSource =>
    ({ name, type, data: [...data] }) as ColumnSource;
  const files = (name: string, columns: ColumnSource[], test = 'validation') => ({
    [`${name}/train-00000-of-00001.parquet`]: parquet(columns),
    [`${name}/${test}-00000-of-00001.parquet`]: parquet(columns),
  });

  test.each([
    {
      id: 'sst2',
      original: { 'SST-2/train.tsv': 'sentence\tlabel\nfine film \t1\n', 'SST-2/dev.tsv': 'sentence\tlabel\nfine film \t1\n' },
      hub: files('sst2', [column('sentence', 'STRING', 'fine film '), column('label', 'INT64', 1n), column('idx', 'INT32', 0)]),
    },
    {
      id: 'rte',
      original: { 'RTE/train.jsonl': jsonl(pair), 'RTE/val.jsonl': jsonl(pair) },
      hub: files('rte', [
        ...[column('premise', 'STRING', pair.premise), column('hypothesis', 'STRING', pair.hypothesis)],
        column('label', 'INT64', 0n),
      ]),
    },
    {
      id: 'boolq',
      original: {
        'BoolQ/train.jsonl': jsonl({ passage: 'It is so.', question: 'is it', label: true }),
        'BoolQ/val.jsonl': jsonl({ passage: 'It is so.', question: 'is it', label: true }),
      },
      hub: files('boolq', [
        ...[column('question', 'STRING', 'is it'), column('passage', 'STRING', 'It is so.')],
        column('label', 'INT64', 1n),
      ]),
    },
    {
      id: 'winogrande',
      original: { 'WinoGrande/train_m.jsonl': jsonl(blank), 'WinoGrande/dev.jsonl': jsonl(blank) },
      hub: files(
        'winogrande_m',
        Object.entries(blank).map(([name, value]) => column(name, 'STRING', value)),
      ),
    },
  ])('of $id hold the same items as the original ones', async ({ id, original, hub }) => {
    const [wanted, made] = [await load(id, folderWith(original)), await load(id, folderWith(hub))];
    expect(asked(made.train)).toEqual(asked(wanted.train));
    expect(asked(made.test)).toEqual(asked(wanted.test));
    expect(made.test).toHaveLength(1);
  });

  test('may come in parts, in their order, and are refused by file, row and field', async () => {
    const part = (...labels: bigint[]) =>
      parquet([column('sentence', 'STRING', ...labels.map((label) => `says ${label}`)), column('label', 'INT64', ...labels)]);
    const folder = folderWith({
      'sst2/train-00001-of-00002.parquet': part(1n),
      'sst2/train-00000-of-00002.parquet': part(0n, 1n),
      'sst2/validation-00000-of-00001.parquet': part(0n),
    });
    expect((await load('sst2', folder)).train.map(({ answer }) => answer)).toEqual([0, 1, 1]);
    const unlabelled = folderWith({ 'train-00000-of-00001.parquet': part(0n, -1n), 'validation-00000-of-00001.parquet': part(0n) });
    expect(await complaint(load('sst2', unlabelled))).toBe(
      `${join(unlabelled, 'train-00000-of-00001.parquet')}, row 2: label: a class from 0 to 1 is needed`,
    );
    const broken = folderWith({ 'train-00000-of-00001.parquet': 'PAR1', 'validation-00000-of-00001.parquet': part(0n) });
    expect(await complaint(load('sst2', broken))).toContain('train-00000-of-00001.parquet is no Parquet file that can be read: ');
  });
});
