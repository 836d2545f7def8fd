import { join } from 'node:path';
import { writeFileWhole } from '../../engine/index.js';
import type { CellRecord } from '../../records/record.js';
import { compare, type Comparison, type Contest } from './comparison.js';
import { comparisonSection, writePage, type ComparedOnPage } from '../html/index.js';
import { comparisonMarkdown, conditionLines, summaryOf, verdictOf, type Conditions } from './markdown.js';
import { taskText } from './pairs.js';
import { writeTables } from './tables.js';

export type { Comparison, Contest } from './comparison.js';
export { asRun, type RunSide } from './as-run.js';
export type { Conditions } from './markdown.js';
export type { ChosenRate } from './rates.js';

/**
 * Writes `compare.md`, `compare.csv`, `compare-cells.csv`, `plots/compare.png` and `.svg`, and a `report.html` with all of it.
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
  const svg = writeComparisonPlot(folder, comparisons);
  const onPage = {
    verdicts: comparisons.map(verdictOf),
    conditions: conditionLines(comparisons, records, conditions).map((line) => line.replaceAll('**', '')),
    cells: comparisons.flatMap(cellsOnPage),
    svg,
  };
  writePage(folder, { records, problems: [], findings: [], comparison: comparisonSection(onPage) });
  return { summary: summaryOf(comparisons, records, conditions), comparisons };
}

const cellsOnPage = ({ candidate, baseline, cells }: Comparison): ComparedOnPage['cells'] =>
  cells.map(({ cell, pairs, difference, outcome }) => {
    const { model, scheme } = cell;
    return { candidate, baseline, model, task: taskText(cell), scheme, pairs, difference, outcome };
  });
