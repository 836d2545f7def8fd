import { CURVE_COLUMNS, curveRows, RESULT_COLUMNS, resultRow, type Row } from '../rows.js';
import type { CellRecord } from '../../records/record.js';

/** A table to be written in another form than CSV. */
export interface ExportTable {
  /** File name without its ending. */
  readonly name: string;
  readonly columns: readonly string[];
  readonly rows: readonly Row[];
}

/** The tables of `results.csv` and `curves.csv`. */
export const exportTables = (records: readonly CellRecord[]): readonly ExportTable[] => [
  { name: 'results', columns: RESULT_COLUMNS, rows: records.map(resultRow) },
  { name: 'curves', columns: CURVE_COLUMNS, rows: records.flatMap(curveRows) },
];
