import { join } from 'node:path';
import { stringify } from 'csv-stringify/sync';
import writeFileAtomic from 'write-file-atomic';
import type { MemoryStudy } from './study.js';

const MIB = 2 ** 20;

/**
 * Writes `memory.csv` (a row per prediction), `memory-published.csv`, and `memory-by-length.csv`, which tables read, each in one move.
 */
export function writeMemoryCsv(folder: string, study: MemoryStudy): void {
  const { model, scheme, dtype, targets, byLength, byBatch, published } = study;
  const rows = [...byLength.map((row) => ({ varied: 'sequence', ...row })), ...byBatch.map((row) => ({ varied: 'batch', ...row }))];
  write(
    join(folder, 'memory.csv'),
    rows.map(({ parts, ...row }) => ({ model, scheme, dtype, targets, ...row, ...parts })),
  );
  write(join(folder, 'memory-published.csv'), published);
  write(
    join(folder, 'memory-by-length.csv'),
    byLength.map(({ optimizer, sequence, heldBytes }) => ({ optimizer, length: sequence, peakMib: heldBytes / MIB })),
  );
}

const write = (file: string, rows: readonly object[]): void => writeFileAtomic.sync(file, stringify([...rows], { header: true }));
