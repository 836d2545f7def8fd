import type { CellRecord } from '../../records/record.js';
import { writeJsonLines } from './json-lines.js';
import { writeParquet } from './parquet.js';
import { writeEventFiles } from './tensorboard.js';

type Write = (folder: string, records: readonly CellRecord[]) => string[];

/** Forms that results can be had in beside CSV: each writes them into a folder and gives the files' paths. */
export const exporters = { jsonl: writeJsonLines, parquet: writeParquet, tensorboard: writeEventFiles } satisfies Record<string, Write>;

export type ExportFormat = keyof typeof exporters;
export const exportFormats = Object.keys(exporters) as [ExportFormat, ...ExportFormat[]];
