import { join } from 'node:path';
import { writeFileWhole } from '../engine/index.js';
import type { CellRecord } from '../records/record.js';
import { csvText } from './csv-text.js';
import { compareRecords } from '../records/order.js';
import { CURVE_COLUMNS, curveRows, RESULT_COLUMNS, resultRow, type Row } from './rows.js';

/**
 * Writes `results.csv` (a row per cell) and `curves.csv` (a row per cell and step) into the run folder, each in one move,
 * so that a reader never sees half a file. What a cell did not measure is left empty.
 */
export function writeCsv(folder: string, records: readonly CellRecord[]): void {
  writeFileWhole(join(folder, 'results.csv'), resultsText(records));
  writeFileWhole(join(folder, 'curves.csv'), tableText(CURVE_COLUMNS, records, curveRows));
}

/** What `results.csv` holds. */
export const resultsText = (records: readonly CellRecord[]): string => tableText(RESULT_COLUMNS, records, (record) => [resultRow(record)]);

/** Record by record, because the rows of all curves at once would fill the memory. */
function tableText(columns: string[], records: readonly CellRecord[], rowsOf: (record: CellRecord) => Row[]): string {
  const parts = records.toSorted(compareRecords).map((record) => csvText(rowsOf(record), { columns }));
  return csvText([columns]) + parts.join('');
}
