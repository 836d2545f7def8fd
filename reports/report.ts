import { apart } from './contents.js';
import { writeCsv } from './csv.js';
import { findingsForPage, findingsOf } from './findings/index.js';
import { writePage } from './html/index.js';
import { readRecords } from '../records/index.js';
import { summarise, type SummaryRow } from './summary.js';
import { runOf } from './tables/index.js';

/** What a run folder's records come to. */
export interface Report {
  summary: SummaryRow[];
  /** One line per record file that could not be used, and per name that stands for several contents. */
  problems: string[];
}

/**
 * Writes `results.csv`, `curves.csv`, `report.html` and the plots into a run folder, from its records.
 * @throws UsageError where it holds none, InputError where they are packed and damaged.
 */
export async function writeReport(folder: string): Promise<Report> {
  const read = readRecords(folder);
  const { records, problems: names } = apart(read.records);
  const problems = [...read.problems, ...names];
  writeCsv(folder, records);
  writePage(folder, { records, problems, findings: findingsForPage(findingsOf(runOf(records, [folder]))) });
  // Loaded late: importing this module must not load the drawing libraries.
  const { writePlots } = await import('./plots.js');
  writePlots(folder, records);
  return { summary: summarise(records), problems };
}
