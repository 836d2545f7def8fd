import { join } from 'node:path';
import { writeFileWhole } from '../../engine/index.js';
import type { CellRecord } from '../../records/record.js';
import { compare, type Comparison, type Contest } from './comparison.js';
import { comparisonMarkdown, summaryOf, type Conditions } from './markdown.js';
import { writeTables } from './tables.js';

export type { Comparison, Contest } from './comparison.js';
export { asRun, type RunSide } from './as-run.js';
export type { Conditions } from './markdown.js';
export type { ChosenRate } from './rates.js';

/**
 * Writes `compare.md`, `compare.csv`, `compare-cells.csv` and `plots/compare.png` into a run folder.
 * @param records of all cells and seeds, each optimizer with one learning rate in a cell.
 * @returns the comparisons, and the beginning of `compare.md`: the answer and what it rests on.
 */
export async function writeComparison(
  folder: string,
  records: readonly CellRecord[],
  contest: Contest,
  conditions: Conditions,
): Promise<{ readonly summary: string; readonly comparisons: readonly Comparison[] }> {
  const comparisons = compare(records, contest);
  writeTables(folder, comparisons, conditions.rates);
  writeFileWhole(join(folder, 'compare.md'), comparisonMarkdown(comparisons, records, conditions));
  // Loaded late: importing this module must not load the drawing libraries.
  const { writeComparisonPlot } = await import('./plot.js');
  writeComparisonPlot(folder, comparisons);
  return { summary: summaryOf(comparisons, records, conditions), comparisons };
}
