import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { asyncBufferFromFile, parquetReadObjects, parquetMetadataAsync } from 'hyparquet';
import { exporters } from '../../../reports/export/index.js';
import { maskedCrc } from '../../../reports/export/tensorboard.js';
import { columnType, CURVE_COLUMNS, curveRows, RESULT_COLUMNS, resultRow } from '../../../reports/rows.js';
import { readRecords } from '../../../records/read.js';
import { completedRecord, endedRecord, untrainedRecord } from '../fake-records.js';

const records = [
  completedRecord({ seed: 1, steps: 4, evaluateEvery: 2 }, { testAccuracy: 0.75 }),
  completedRecord({ seed: 2, steps: 4, evaluateEvery: 2, optimizer: 'fo-adam', epsilon: null }),
  untrainedRecord(),
  endedRecord({ seed: 3 }),
];
const folder = mkdtempSync(join(tmpdir(), 'export-'));
beforeAll(() => Object.values(exporters).forEach((write) => write(folder, records)));
afterAll(() => rmSync(folder, { recursive: true }));

const full = (columns: readonly string[], row: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(columns.map((column) => [column, row[column] ?? null]));
const results = records.map((record) => full(RESULT_COLUMNS, resultRow(record)));
const curves = records.flatMap(curveRows).map((row) => full(CURVE_COLUMNS, row));

test.each(['full', 'minis'])('every column of the reference run %s is of the type that it is written in', (name) => {
  const isOf = {
    text: (value: unknown) => typeof value === 'string',
    flag: (value: unknown) => typeof value === 'boolean',
    integer: Number.isSafeInteger,
    real: Number.isFinite,
  };
  const rows = readRecords(`results/reference/${name}`).records.flatMap((record) => [resultRow(record), ...curveRows(record).slice(0, 3)]);
  const wrong = rows.flatMap((row) => Object.entries(row).filter(([column, value]) => value !== null && !isOf[columnType(column)](value)));
  expect(wrong).toEqual([]);
});

test('JSON lines have every column in every row', () => {
  const lines = (name: string): unknown[] =>
    readFileSync(join(folder, name), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);
  expect(lines('results.jsonl')).toEqual(results);
  expect(lines('curves.jsonl')).toEqual(curves);
});

describe('Parquet', () => {
  const numbers = (row: Readonly<Record<string, unknown>>) =>
    Object.fromEntries(Object.entries(row).map(([name, value]) => [name, typeof value === 'bigint' ? Number(value) : (value ?? null)]));

  test.each([
    ['results.parquet', results],
    ['curves.parquet', curves],
  ])('%s holds the rows', async (name, rows) => {
    const file = await asyncBufferFromFile(join(folder, name));
    expect((await parquetReadObjects({ file })).map(numbers)).toEqual(rows);
  });

  test('has the same types where a column is empty in every row', async () => {
    const other = mkdtempSync(join(tmpdir(), 'export-'));
    exporters.parquet(other, [endedRecord()]);
    const typesIn = async (of: string) =>
      (await parquetMetadataAsync(await asyncBufferFromFile(join(of, 'results.parquet')))).schema.map(({ name, type }) => [name, type]);
    expect(await typesIn(other)).toEqual(await typesIn(folder));
    rmSync(other, { recursive: true });
  });
});

/**
 * By RecordWriter of tensorboard 2.21.0: loss/train 0.25 at steps 1 and 2, score/dev 0.625 and score/test 0.75 at step 2, at 6.25 and 12.5 seconds
 * of 2020.
 */
const TENSORBOARD_FRAMES = [
  '200000000000000029eda9500900009041f882d74110012a130a110a0a6c6f73732f747261696e150000803e9bb74916',
  '200000000000000029eda9500900002043f882d74110022a130a110a0a6c6f73732f747261696e150000803ed189dd62',
  '1f00000000000000514b44180900002043f882d74110022a120a100a0973636f72652f646576150000203f72906d75',
  '200000000000000029eda9500900002043f882d74110022a130a110a0a73636f72652f74657374150000403f95ad0592',
];

describe('event files', () => {
  test('are framed by the masked CRC-32C of TFRecord', () => {
    // RFC 3720, B.4: 32 bytes of zero have the CRC-32C 8a9136aa; rotated by 15 bits to the right, plus a282ead8.
    const rotated = ((0x8a9136aa >>> 15) | (0x8a9136aa << 17)) >>> 0;
    expect(maskedCrc(new Uint8Array(32))).toBe((rotated + 0xa282ead8) % 2 ** 32);
  });

  test('hold the bytes that the writer of TensorBoard makes of the same points', () => {
    const known = completedRecord({ steps: 2, evaluateEvery: 2 }, { loss: () => 0.25, devScore: 0.625, testAccuracy: 0.75 });
    const to = mkdtempSync(join(tmpdir(), 'export-'));
    const [file = ''] = exporters.tensorboard(to, [known]);
    const written = readFileSync(file);
    rmSync(to, { recursive: true });
    // The first frame, the file's version, has 16 bytes beside its own.
    const points = written.subarray(16 + Number(written.readBigUInt64LE(0)));
    expect(points.toString('hex')).toBe(TENSORBOARD_FRAMES.join(''));
  });

  test('are one for each cell, under a name that says what it is', () => {
    const runs = readdirSync(folder).filter((name) => !name.includes('.json') && !name.endsWith('.parquet'));
    expect(runs).toHaveLength(records.length);
    expect(runs).toContain(`opt-mini_sst2_full_fo-adam_seed2_${records[1]?.cell}`);
  });
});

const python = process.env.ZOBENCH_PYTHON ?? 'python3';
const hasReaders = ((): boolean => {
  try {
    execFileSync(python, ['-c', 'import pyarrow, tensorboard'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

// pip install pyarrow tensorboard
(hasReaders ? describe : describe.skip)('pyarrow and TensorBoard (skipped where Python has not both)', () => {
  const read = (): Record<string, unknown>[] =>
    execFileSync(python, ['scripts/read-exports.py', folder], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);

  test('read the rows, with their types, and every curve', () => {
    const all = new Map(read().map(({ file, ...rest }) => [file, rest]));
    expect(all.get('results.parquet')).toMatchObject({ rows: results, types: { seed: 'int64', learningRate: 'double', state: 'string' } });
    expect(all.get('curves.parquet')).toMatchObject({ rows: curves });
    for (const record of records) {
      const name = [...all.keys()].find((file) => String(file).endsWith(record.cell));
      const { scalars } = all.get(name) as { scalars: Record<string, [number, number][]> };
      const losses = record.curve.map(({ step, loss }) => [step, expect.closeTo(loss, 5)]);
      expect(scalars['loss/train'] ?? []).toEqual(losses);
      expect(scalars['score/dev'] ?? []).toEqual((record.devCurve ?? []).map(({ step, score }) => [step, expect.closeTo(score, 5)]));
    }
  });
});
