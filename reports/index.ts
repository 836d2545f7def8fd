export { writeCsv } from './csv.js';
export { markdownTable } from './markdown.js';
export { readRecords, type ReadResult } from './read.js';
export { writeReport, type Report } from './report.js';
export { summarise, type Measured, type SummaryRow } from './summary.js';
