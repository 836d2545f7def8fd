import { parentPort, workerData } from 'node:worker_threads';
import { brotliDecompressSync } from 'node:zlib';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { compressors, decompressZstd } from 'hyparquet-compressors';

// Reads a Parquet file in a thread of its own, which is ended where it takes too long. Not in TypeScript: a thread starts without a loader.

const { file, unpackedBytes, textLength } = workerData;

/** Counts down, and complains below zero: a page may claim any size, and one text may be every row's. */
function budget(limit, whatFor) {
  let left = limit;
  return (amount) => {
    left -= amount;
    if (!(left >= 0)) throw new Error(`${whatFor} more than ${limit / 2 ** 20} MiB`);
  };
}
const unpack = budget(unpackedBytes, 'its pages unpack to');
const give = budget(textLength, 'its rows hold');

/** The library's, but for two that take no notice of the length that a page claims. */
const codecs = {
  ...compressors,
  BROTLI: (input, length) => brotliDecompressSync(input, { maxOutputLength: Math.max(1, length) }),
  ZSTD: (input, length) => decompressZstd(input, new Uint8Array(length)),
};
const bounded = Object.fromEntries(
  Object.entries(codecs).map(([codec, decompress]) => [
    codec,
    (input, length) => {
      unpack(length);
      return decompress(input, length);
    },
  ]),
);

function lengthOf(value) {
  if (typeof value === 'string') return value.length;
  if (ArrayBuffer.isView(value)) return value.byteLength;
  if (value === null || typeof value !== 'object') return 0;
  return Object.values(value).reduce((sum, inner) => sum + lengthOf(inner), 0);
}

/** The rows of all groups together are those of the file. */
function checkedMetadata() {
  const metadata = parquetMetadata(file);
  const rows = metadata.row_groups.reduce((sum, group) => sum + Number(group.num_rows), 0);
  if (Number(metadata.num_rows) !== rows) throw new Error(`it says that it has ${metadata.num_rows} rows, its parts have ${rows}`);
  parentPort.postMessage({ declaredRows: rows });
  return metadata;
}

parentPort.postMessage({ ready: true });
try {
  const metadata = checkedMetadata();
  let rowStart = 0;
  // A group at a time: no more of the file is held twice.
  for (const group of metadata.row_groups) {
    const rowEnd = rowStart + Number(group.num_rows);
    const rows = await parquetReadObjects({ file, metadata, rowStart, rowEnd, compressors: bounded });
    give(lengthOf(rows));
    parentPort.postMessage({ rows });
    rowStart = rowEnd;
  }
  parentPort.postMessage({ done: true });
} catch (error) {
  parentPort.postMessage({ error: error instanceof Error ? error.message : String(error) });
}
