export { apart, eachOnce } from './contents.js';
export { asRun, writeComparison, type ChosenRate, type Comparison, type Contest } from './compare/index.js';
export { checkDrawing } from './drawing-check.js';
export { resultsText, writeCsv } from './csv.js';
export {
  estimatorTable,
  gaussianCosine,
  gaussianVariance,
  writeEstimatorCsv,
  writeEstimatorReport,
  type EpsilonRow,
  type EstimatorRow,
  type EstimatorStatistics,
  type EstimatorStudy,
} from './estimators/index.js';
export { exporters, exportFormats, type ExportFormat } from './export/index.js';
export { findingsForPage, findingsMarkdown, findingsOf, findingsTable, type ClaimFinding, type Verdict } from './findings/index.js';
export type { Finding } from './html/index.js';
export { markdownTable } from './markdown.js';
export { terminalTable } from './terminal.js';
export { writeReport, type Report } from './report.js';
export { memoryMarkdown, writeMemoryStudy, type MemoryRow, type MemoryStudy, type PublishedRow } from './memory/index.js';
export {
  exhibits,
  isFilled,
  markdownBody,
  renderMarkdown,
  runOf,
  writeTables,
  type RecordedRuns,
  type Table,
  type Written,
} from './tables/index.js';
export { summarise, type Measured, type SummaryRow } from './summary.js';
export { writePlots } from './plots.js';
