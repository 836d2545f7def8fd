import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { taskNamed, type ModelKind } from '../../tasks/index.js';
import { complaint, folderWith, jsonl } from '../support/data-folder.js';

type Row = Readonly<Record<string, string | number | boolean>>;
type Compression = NonNullable<Parameters<typeof parquetWriteBuffer>[0]['codec']>;

const TYPES = { string: 'STRING', number: 'INT32', boolean: 'BOOLEAN' } as const;

function parquet(rows: readonly Row[], codec?: Compression): Uint8Array {
  const compressors = { GZIP: (bytes: Uint8Array) => gzipSync(bytes), BROTLI: (bytes: Uint8Array) => brotliCompressSync(bytes) };
  const columnData = Object.entries(rows[0] ?? {}).map(([name, value]) => ({
    name,
    type: TYPES[typeof value as keyof typeof TYPES],
    data: rows.map((row) => row[name]),
  }));
  return new Uint8Array(parquetWriteBuffer({ columnData, ...(codec && { codec, compressors }) }));
}

const load = (id: string, folder: string, kind: ModelKind = 'causal') => taskNamed(id).load(folder, { kind, template: 'aligned' });

describe('a data set of the hub is read by any of its names', () => {
  const rows = [{ sentence: 'fine film', label: 1, idx: 0 }];
  test.each([
    ['sst2/train-00000-of-00001.parquet', 'sst2/validation-00000-of-00001.parquet'],
    ['sst2/train-00000-of-00001-a26ae9ac2f4f3e0b.parquet', 'sst2/validation-00000-of-00001-4746b8785c874cc7.parquet'],
    ['sst2/train/0000.parquet', 'sst2/validation/0000.parquet'],
    ['data/train-00000-of-00001.parquet', 'data/validation-00000-of-00001.parquet'],
    ['default/train/0000.parquet', 'default/validation/0000.parquet'],
    ['plain_text/train.parquet', 'plain_text/validation.parquet'],
  ])('%s', async (train, held) => {
    const folder = folderWith({ [train]: parquet([...rows, ...rows]), [held]: parquet(rows) });
    const source = await load('sst2', folder);
    expect([source.train.length, source.test.length, source.test[0]?.prompt]).toEqual([2, 1, 'fine film It was']);
    expect(source.files).toEqual([join(folder, train), join(folder, held)]);
  });

  test.each([
    ['train-00000-of-00002.parquet'],
    ['train-00000-of-00001-aaaa.parquet', 'train-00000-of-00001-bbbb.parquet'],
    ['train/0000.parquet', 'train/0002.parquet'],
  ])('but not where parts are missing or there twice: %s', async (...names) => {
    const folder = folderWith({ ...Object.fromEntries(names.map((name) => [name, parquet(rows)])), 'validation.parquet': parquet(rows) });
    expect(await complaint(load('sst2', folder))).toMatch(/each part is needed once, from the first to the last$/);
  });

  test('and not the part of a split that the hub converted alone', async () => {
    const folder = folderWith({ 'default/partial-train/0000.parquet': parquet(rows), 'default/validation/0000.parquet': parquet(rows) });
    expect(await complaint(load('sst2', folder))).toContain('has no SST-2');
  });
});

describe('by the columns of its repository', () => {
  const pair = { premise: 'It rains.', hypothesis: 'It is wet.' };
  const glue = { sentence1: pair.premise, sentence2: pair.hypothesis };
  const setFit = { text1: pair.premise, text2: pair.hypothesis, label_text: 'neutral' };
  const asked = { passage: 'It is so.', question: 'is it' };
  test.each<{ id: string; kind?: ModelKind; form: string; row: Row; same: Row; held?: string }>([
    { id: 'rte', form: 'GLUE', row: { ...glue, label: 1, idx: 3 }, same: { ...pair, label: 1 } },
    { id: 'rte', form: 'SetFit', row: { ...setFit, label: 0 }, same: { ...pair, label: 0 } },
    { id: 'boolq', form: 'google/boolq', row: { ...asked, answer: true }, same: { ...asked, label: 1 } },
    { id: 'boolq', form: 'google/boolq', row: { ...asked, answer: false }, same: { ...asked, label: 0 } },
    { id: 'sst2', form: 'SetFit', row: { text: 'fine film', label: 1, label_text: 'positive' }, same: { sentence: 'fine film', label: 1 } },
    { id: 'mnli', kind: 'masked', form: 'SetFit', row: { ...setFit, label: 1 }, same: { ...pair, label: 1 }, held: 'validation_matched' },
    { id: 'snli', kind: 'masked', form: 'GLUE', row: { ...glue, label: 2 }, same: { ...pair, label: 2 } },
    {
      id: 'trec',
      kind: 'masked',
      form: 'older',
      row: { text: 'Who ?', 'label-coarse': 3 },
      same: { text: 'Who ?', coarse_label: 3 },
      held: 'test',
    },
    {
      id: 'wsc',
      form: 'not fixed',
      row: { text: 'Mark saw the dog.', span1_text: 'mark', span1_index: 0, span2_text: 'it', label: 1 },
      same: { text: 'Mark saw the dog.', span1_text: 'Mark', span2_text: 'it', label: 1 },
    },
  ])('$id of $form, as Parquet and as JSON lines', async ({ id, kind, row, same, held = 'validation' }) => {
    const items = async (files: Parameters<typeof folderWith>[0]) =>
      (await load(id, folderWith(files), kind)).test.map(({ place, ...item }) => [item, place !== undefined]);
    const expected = await items({ 'train.parquet': parquet([same]), [`${held}.parquet`]: parquet([same]) });
    expect(await items({ 'train.parquet': parquet([row]), [`${held}.parquet`]: parquet([row]) })).toEqual(expected);
    expect(await items({ 'train.jsonl': jsonl(row), [`${held}.jsonl`]: jsonl(row) })).toEqual(expected);
  });

  test.each([
    ['sentence1', { ...glue, sentence1: ' ', label: 0 }, 'sentence1: is empty'],
    ['text2', { ...setFit, text2: '', label: 0 }, 'text2: is empty'],
    ['an unlabelled row', { ...glue, label: -1 }, 'label: a class from 0 to 1 is needed'],
  ])('and refused by the name that the file has: %s', async (_, row, says) => {
    const folder = folderWith({ 'train.parquet': parquet([row]), 'validation.parquet': parquet([row]) });
    expect(await complaint(load('rte', folder))).toBe(`${join(folder, 'train.parquet')}, row 1: ${says}`);
  });

  test("SNLI's rows without agreement, -1, are passed over", async () => {
    const rows = [1, -1, 0].map((label) => ({ ...pair, label }));
    const folder = folderWith({ 'plain_text/train.parquet': parquet(rows), 'plain_text/validation.parquet': parquet(rows) });
    expect((await load('snli', folder, 'masked')).test.map(({ answer }) => answer)).toEqual([1, 0]);
  });
});

test.each<Compression>(['UNCOMPRESSED', 'SNAPPY', 'GZIP', 'BROTLI'])('Parquet compressed by %s is read', async (codec) => {
  const rows = Array.from({ length: 50 }, (_, index) => ({ sentence: `a fine film number ${index}`, label: index % 2 }));
  const folder = folderWith({ 'train.parquet': parquet(rows, codec), 'validation.parquet': parquet(rows, codec) });
  expect((await load('sst2', folder)).test.map(({ prompt, answer }) => [prompt, answer])).toEqual(
    rows.map(({ sentence, label }) => [`${sentence} It was`, label]),
  );
});

test('Parquet compressed by Zstandard is read, as the reference program packs it (scripts/zstd-parquet.ts)', async () => {
  const packed = readFileSync(join(import.meta.dirname, 'fixtures/zstd.parquet'));
  const folder = folderWith({ 'train.parquet': packed, 'validation.parquet': packed });
  expect((await load('sst2', folder)).test.map(({ prompt, answer }) => [prompt, answer])).toEqual(
    Array.from({ length: 300 }, (_, index) => [`a fine film number ${index} It was`, index % 2]),
  );
});

describe("GLUE's SNLI", () => {
  const header = ['index', 'sentence1', 'sentence2', 'label1', 'gold_label'];
  const tsv = (...rows: (readonly string[])[]) => [header, ...rows].map((fields) => `${fields.join('\t')}\n`).join('');
  const row = (...labels: string[]) => ['0', 'A man runs.', 'He sits.', ...labels];
  const loaded = (text: string) => load('snli', folderWith({ 'SNLI/train.tsv': text, 'SNLI/dev.tsv': text }), 'masked');

  test('is read by its last column, however many annotators there were', async () => {
    const five = row('neutral', 'entailment', 'entailment', 'contradiction', 'entailment', 'entailment');
    const text = tsv(row('neutral', 'contradiction'), five, row('neutral', '', '-', 'neutral'), row('neutral', 'entailment', '-'));
    expect((await loaded(text)).test.map(({ answer }) => answer)).toEqual([2, 0, 1]);
  });

  test.each([
    ['more fields that are no labels', ['0', 'A man', 'runs.', 'He sits.', 'neutral', 'neutral']],
    ['fewer fields', ['0', 'A man runs.', 'He sits.', 'neutral']],
    ['a tab too many before five labels', ['0', 'A man', 'runs.', 'He sits.', ...Array<string>(6).fill('neutral')]],
  ])('is refused with %s', async (_, fields) => {
    expect(await complaint(loaded(tsv(row('neutral', 'neutral'), fields)))).toMatch(/train\.tsv:3: /);
  });

  test('in other tasks more fields are refused, labels or not', async () => {
    const text = 'sentence1\tsentence2\tgold_label\nA.\tB.\tneutral\tneutral\n';
    const folder = folderWith({ 'MNLI/train.tsv': text, 'MNLI/dev_matched.tsv': text });
    expect(await complaint(load('mnli', folder, 'masked'))).toContain('train.tsv:2: 4 tab-separated fields, the first line has 3');
  });
});

describe('a byte order mark is no part of', () => {
  const MARK = '\uFEFF';
  const review = 'sentence\tlabel\nfine\t1\n';
  const question = 'LOC:city Where ?\n';
  const row = jsonl({ premise: 'a', hypothesis: 'b', label: 'entailment' });
  const article = JSON.stringify({
    data: [{ title: 'T', paragraphs: [{ context: 'c', qas: [{ question: 'q', answers: [{ text: 'a' }] }] }] }],
  });
  test.each<[string, string, ModelKind, string, string]>([
    ['TSV', 'sst2', 'causal', 'train.tsv', 'dev.tsv'],
    ['JSON lines', 'rte', 'causal', 'train.jsonl', 'val.jsonl'],
    ['lines', 'trec', 'masked', 'train.txt', 'test.txt'],
    ['JSON', 'squad', 'causal', 'train-v1.1.json', 'dev-v1.1.json'],
  ])('%s', async (_, id, kind, train, held) => {
    const text = { sst2: review, rte: row, trec: question, squad: article }[id] ?? '';
    const items = async (content: string) =>
      (await load(id, folderWith({ [train]: content, [held]: content }), kind)).test.map((item) => ({ ...item, place: '' }));
    expect(await items(MARK + text)).toEqual(await items(text));
  });
});
