export { writeCsv } from './csv.js';
export { markdownTable } from './markdown.js';
export { readRecords, type ReadResult } from './read.js';
export { writeReport, type Report } from './report.js';
export { summarise, type Measured, type SummaryRow } from './summary.js';
export {
  RECORD_VERSION,
  recordSchema,
  type CellRecord,
  type CellSettings,
  type CompletedRecord,
  type EndedRecord,
  type Evaluation,
} from './record.js';
