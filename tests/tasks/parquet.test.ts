import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { afterAll, expect, test } from '@jest/globals';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { InputError } from '../../engine/index.js';
import { parquetRows, type ParquetLimits } from '../../tasks/data/parquet.js';
import { readParquet } from '../../tasks/data/rows.js';
import { parquetFile } from '../support/parquet-file.js';

// The property: a Parquet file is read, or refused in one line within its limits.

const folder = mkdtempSync(join(tmpdir(), 'zobench-parquet-'));
afterAll(() => rmSync(folder, { recursive: true }));

function write(options: Parameters<typeof parquetFile>[1]): string {
  const file = join(folder, 'x.parquet');
  writeFileSync(file, parquetFile([7, 8, 9], options));
  return file;
}

async function refusal(file: string, limits?: Partial<ParquetLimits>): Promise<string> {
  const error: unknown = await parquetRows(file, limits).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(InputError);
  expect((error as InputError).message).not.toContain('\n');
  return (error as InputError).message;
}

test('a column of numbers is what was written', async () => {
  const file = write({});
  expect(await readParquet(file)).toEqual(
    [7, 8, 9].map((value, index) => ({ value: { label: value }, place: `${file}, row ${index + 1}` })),
  );
});

/** A frame (RFC 8878) of blocks that repeat one byte, or that are stored. */
function zstd(bytes: Uint8Array): Uint8Array {
  const blocks = Array.from({ length: Math.ceil(bytes.length / ZSTD_BLOCK) }, (_, index) => {
    const block = bytes.subarray(index * ZSTD_BLOCK, (index + 1) * ZSTD_BLOCK);
    const repeats = block.every((byte) => byte === block[0]);
    const head = Buffer.alloc(3);
    head.writeUIntLE(block.length * 8 + (repeats ? 2 : 0) + ((index + 1) * ZSTD_BLOCK >= bytes.length ? 1 : 0), 0, 3);
    return Buffer.concat([head, repeats ? block.subarray(0, 1) : block]);
  });
  const size = Buffer.alloc(4);
  size.writeUInt32LE(bytes.length);
  return Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0xa0]), size, ...blocks]);
}
const ZSTD_BLOCK = 2 ** 17;

/** Columns of one value each, every column one page. */
function constantColumns(codec: 'BROTLI' | 'GZIP' | 'ZSTD' | 'SNAPPY', rows: number): string {
  const file = join(folder, `${codec}.parquet`);
  const columnData = [
    { name: 'label', data: Array<number>(rows).fill(0), type: 'INT32' as const },
    { name: 'sentence', data: Array<string>(rows).fill('a film that is a delight from beginning to end'), type: 'STRING' as const },
  ].map((column) => ({ ...column, encoding: 'PLAIN' as const }));
  const compressors = { BROTLI: brotliCompressSync, GZIP: gzipSync, ZSTD: zstd };
  const options = { columnData, codec, compressors, rowGroupSize: rows, pageSize: 2 ** 30 };
  writeFileSync(file, Buffer.from(parquetWriteBuffer(options)));
  return file;
}

test.each(['BROTLI', 'GZIP', 'ZSTD', 'SNAPPY'] as const)('columns of one value, next to nothing in %s, are read', async (codec) => {
  const rows = await parquetRows(constantColumns(codec, 30_000));
  expect(rows.length).toBe(30_000);
  expect(rows.at(-1)).toEqual({ label: 0, sentence: 'a film that is a delight from beginning to end' });
});

test('what pages unpack to, and what rows hold, is bounded over all of a file', async () => {
  const file = constantColumns('BROTLI', 1000);
  expect(await refusal(file, { unpackedBytes: 2 ** 15 })).toMatch(/its pages unpack to more than 0.03125 MiB$/);
  expect(await refusal(file, { textLength: 2 ** 15 })).toMatch(/its rows hold more than 0.03125 MiB$/);
});

test.each([
  ['a page that claims to unpack to 2 GB', { codec: 'SNAPPY', unpacked: 2 ** 31 - 1 }, /its pages unpack to more than 500 MiB$/],
  ['one that claims 100 times its bytes', { codec: 'SNAPPY', unpacked: 10_000 }, /./],
  ['a billion values in a page of a few', { values: 1e9 }, /(takes too long|MiB of memory|Offset is outside|bounds|Invalid)/],
  ['a billion rows in no page', { rows: 1e9, values: 0 }, /./],
] as const)('%s is refused', async (_, options, says) => {
  expect(await refusal(write(options), { slackMs: 400 })).toMatch(says);
});

test.each([
  ['nothing', Buffer.alloc(0)],
  ['text', Buffer.from('label\n1\n')],
  ['its mark alone', Buffer.from('PAR1PAR1')],
  ['a footer longer than the file', Buffer.from([...Buffer.from('PAR1'), 255, 255, 255, 127, ...Buffer.from('PAR1')])],
])('%s is refused', async (_, bytes) => {
  const file = join(folder, 'bytes.parquet');
  writeFileSync(file, bytes);
  expect(await refusal(file)).toMatch(/is no Parquet file that can be read: /);
});
