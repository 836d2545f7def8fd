import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { expect } from '@jest/globals';
import fc from 'fast-check';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { readParquet, readTsv } from '../../tasks/data/rows.js';
import { taskNamed } from '../../tasks/index.js';
import { folderWith, jsonl } from '../support/data-folder.js';
import { answerTo, fuzz, quickAnswerTo } from '../support/fuzz.js';
import { byteEdits, editBytes, editJson, jsonEdits } from '../support/mutations.js';

// Data files that were damaged or mean harm: their rows, or a line.

const lines = Array.from({ length: 12 }, (_, index) => ({
  question: `is it ${index}`,
  passage: `It is ${index}.`,
  label: index % 2 === 0,
  idx: index,
}));
const boolq = folderWith({ 'BoolQ/train.jsonl': jsonl(...lines), 'BoolQ/val.jsonl': jsonl(...lines) });

const lineEdits = fc.oneof(fc.record({ bytes: byteEdits }), fc.record({ json: jsonEdits }));
fuzz('JSONL', lineEdits, 400, async (edits) => {
  const text = Buffer.from(jsonl(...lines));
  const changed = 'bytes' in edits ? editBytes(text, edits.bytes) : Buffer.from(jsonl(...(editJson(lines, edits.json) as object[])));
  writeFileSync(join(boolq, 'BoolQ/train.jsonl'), changed);
  const source = await answerTo(() => taskNamed('boolq').load(boolq, { kind: 'causal', template: 'aligned' }));
  for (const { prompt, candidates, answer } of source?.train ?? []) {
    expect(typeof prompt).toBe('string');
    expect(candidates[answer]).toEqual(expect.any(String));
  }
  return source !== undefined;
});

const NAMES = ['sentence', 'label', 'idx'];
const table = Buffer.from([NAMES, ...lines.map(({ passage, idx }) => [passage, idx % 2, idx])].map((row) => row.join('\t')).join('\n'));
const tsv = join(folderWith({}), 'x.tsv');

fuzz('TSV', byteEdits, 400, async (edits) => {
  writeFileSync(tsv, editBytes(table, edits));
  const rows = await quickAnswerTo(() => readTsv(tsv));
  const [first] = rows ?? [];
  for (const { value } of rows ?? []) expect(Object.keys(value as object)).toEqual(Object.keys(first?.value as object));
  return rows !== undefined;
});

const compressors = { GZIP: gzipSync, BROTLI: brotliCompressSync };
const columnData = [
  { name: 'sentence', data: lines.map(({ passage }) => passage) },
  { name: 'label', data: lines.map(({ idx }) => idx % 2) },
];
const files = ([undefined, 'SNAPPY', 'GZIP', 'BROTLI'] as const).map((codec) =>
  Buffer.from(parquetWriteBuffer({ columnData, codec: codec ?? 'UNCOMPRESSED', compressors })),
);
const parquet = join(folderWith({}), 'x.parquet');

fuzz('Parquet', fc.tuple(fc.constantFrom(...files.keys()), byteEdits), 60, async ([which, edits]) => {
  writeFileSync(parquet, editBytes(files[which] ?? Buffer.alloc(0), edits));
  const rows = await answerTo(() => readParquet(parquet));
  for (const { value } of rows ?? []) expect(() => JSON.stringify(value)).not.toThrow();
  return rows !== undefined;
});
