export { runReport } from './report.js';
export { bundledParts } from './bundled-parts.js';
export { notAllowed, withOptionsOf } from './own-files.js';
export type { Terminal } from './progress.js';
export { openRunFolder, recordsIn, writeJson } from './run-folder.js';
export {
  guardedReport,
  runAndReport,
  runBench,
  runCells,
  budgetNoteOf,
  standingIn,
  type Again,
  type Parts,
  type Reported,
  type RunParts,
} from './run.js';
