import { join } from 'node:path';
import { parquetWriteBuffer, type BasicType } from 'hyparquet-writer';
import { writeFileWhole } from '../../engine/index.js';
import type { CellRecord } from '../../records/record.js';
import { columnType, type ColumnType, type Value } from '../rows.js';
import { exportTables } from './tables.js';

const PARQUET: Readonly<Record<ColumnType, BasicType>> = { text: 'STRING', flag: 'BOOLEAN', integer: 'INT64', real: 'DOUBLE' };

/** Writes `results.parquet` and `curves.parquet`, every column of one type whatever the run. */
export function writeParquet(folder: string, records: readonly CellRecord[]): string[] {
  return exportTables(records).map(({ name, columns, rows }) => {
    const columnData = columns.map((column) => {
      const type = columnType(column);
      const data = rows.map((row) => stored(row[column] ?? null, type));
      return { name: column, data, type: PARQUET[type], nullable: true };
    });
    const file = join(folder, `${name}.parquet`);
    writeFileWhole(file, new Uint8Array(parquetWriteBuffer({ columnData })));
    return file;
  });
}

/** Parquet's 64-bit integers are big ones in JavaScript. */
const stored = (value: Value, type: ColumnType): Value | bigint =>
  type === 'integer' && typeof value === 'number' ? BigInt(value) : value;
