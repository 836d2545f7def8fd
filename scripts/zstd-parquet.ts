import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { makeFolder } from '../engine/make-folder.js';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { projectFolder } from '../engine/index.js';

// Writes the Parquet file with pages in Zstandard that a test reads, packed by the reference program: Node packs none before version 22.

const file = join(projectFolder, 'tests/tasks/fixtures/zstd.parquet');
const numbers = Array.from({ length: 300 }, (_, index) => index);
const columnData = [
  { name: 'sentence', type: 'STRING' as const, data: numbers.map((index) => `a fine film number ${index}`) },
  { name: 'label', type: 'INT32' as const, data: numbers.map((index) => index % 2) },
];
const ZSTD = (bytes: Uint8Array): Uint8Array => execFileSync('zstd', ['--quiet', '--stdout', '-19', '--no-check'], { input: bytes });

makeFolder(dirname(file));
writeFileSync(file, new Uint8Array(parquetWriteBuffer({ columnData, codec: 'ZSTD', compressors: { ZSTD } })));
