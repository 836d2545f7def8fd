import type { CellRecord } from './record.js';
import { writeCsv } from './csv.js';
import { findingsForPage, findingsOf } from './findings/index.js';
import { writePage } from './html/index.js';
import { readRecords } from './read.js';
import { summarise, type SummaryRow } from './summary.js';
import { runOf } from './tables/index.js';

/** What a run folder's records come to. */
export interface Report {
  summary: SummaryRow[];
  /** One line per record file that could not be used. */
  problems: string[];
  /** Number of cells by how they ended. */
  counts: Record<CellRecord['state'], number>;
}

/**
 * Writes `results.csv`, `curves.csv`, `report.html` and the plots into a run folder, from its `records`.
 * @throws Error where the folder holds no `records` folder.
 */
export async function writeReport(folder: string): Promise<Report> {
  const { records, problems } = readRecords(folder);
  writeCsv(folder, records);
  writePage(folder, { records, problems, findings: findingsForPage(findingsOf(runOf(records, [folder]))) });
  // Loaded late: importing this module must not load the drawing libraries.
  const { writePlots } = await import('./plots.js');
  writePlots(folder, records);
  return { summary: summarise(records), problems, counts: countByState(records) };
}

function countByState(records: CellRecord[]): Report['counts'] {
  const counts: Report['counts'] = { completed: 0, diverged: 0, failed: 0, 'out-of-memory': 0, 'timed-out': 0 };
  for (const { state } of records) counts[state] += 1;
  return counts;
}
