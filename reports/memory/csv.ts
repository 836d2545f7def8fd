import { join } from 'node:path';
import { MIB } from '../../engine/quantities.js';
import { writeFileWhole } from '../../engine/index.js';
import { csvText } from '../csv-text.js';
import { mean } from '../../statistics/moments.js';
import type { MemoryStudy } from './study.js';

/**
 * Writes `memory.csv` (a row per prediction), `memory-published.csv`, and `memory-by-length.csv`, which tables read, each in one move.
 */
export function writeMemoryCsv(folder: string, study: MemoryStudy): void {
  const { model, scheme, dtype, targets, byLength, byBatch, published } = study;
  const rows = [...byLength.map((row) => ({ varied: 'sequence', ...row })), ...byBatch.map((row) => ({ varied: 'batch', ...row }))];
  write(
    join(folder, 'memory.csv'),
    rows.map(({ parts, measuredBytes, ...row }) => ({
      model,
      scheme,
      dtype,
      targets,
      ...row,
      measuredBytes: measuredBytes.length > 0 ? mean(measuredBytes) : '',
      measurements: measuredBytes.length,
      ...parts,
    })),
  );
  write(join(folder, 'memory-published.csv'), published);
  write(
    join(folder, 'memory-by-length.csv'),
    byLength.flatMap(({ optimizer, sequence, heldBytes, measuredBytes }) => [
      { optimizer, length: sequence, kind: 'predicted', peakMib: heldBytes / MIB },
      ...measuredBytes.map((bytes) => ({ optimizer, length: sequence, kind: 'measured', peakMib: bytes / MIB })),
    ]),
  );
}

const write = (file: string, rows: readonly object[]): void => writeFileWhole(file, csvText(rows, { header: true }));
