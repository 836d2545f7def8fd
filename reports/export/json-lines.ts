import { join } from 'node:path';
import { writeFileWhole } from '../../engine/index.js';
import type { CellRecord } from '../../records/record.js';
import { exportTables } from './tables.js';

/** Writes `results.jsonl` and `curves.jsonl`: a row a line, every column in it, null where there is no value. */
export function writeJsonLines(folder: string, records: readonly CellRecord[]): string[] {
  return exportTables(records).map(({ name, columns, rows }) => {
    const line = (row: (typeof rows)[number]): string =>
      JSON.stringify(Object.fromEntries(columns.map((column) => [column, row[column] ?? null])));
    const file = join(folder, `${name}.jsonl`);
    writeFileWhole(file, rows.map((row) => `${line(row)}\n`).join(''));
    return file;
  });
}
