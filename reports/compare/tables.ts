import { join } from 'node:path';
import { writeFileWhole } from '../../engine/index.js';
import { csvText } from '../csv-text.js';
import type { CellComparison, Comparison, Difference } from './comparison.js';
import { rateOf, type ChosenRate } from './rates.js';

type Row = Readonly<Record<string, string | number | null>>;

/**
 * Writes `compare.csv`, a row per comparison, and `compare-cells.csv`, a row per comparison and cell, into a run folder. Accuracies and
 * their differences are shares, 0 to 1; what does not exist is left empty.
 */
export function writeTables(folder: string, comparisons: readonly Comparison[], rates: readonly ChosenRate[]): void {
  const cellRows = comparisons.flatMap((comparison) => comparison.cells.map((cell) => cellRow(comparison, cell, rates)));
  writeTable(join(folder, 'compare.csv'), comparisons.map(comparisonRow));
  writeTable(join(folder, 'compare-cells.csv'), cellRows);
}

function writeTable(path: string, rows: readonly Row[]): void {
  const written = rows.map((row) =>
    Object.fromEntries(Object.entries(row).map(([name, value]) => [name, Number.isNaN(value) ? null : value])),
  );
  writeFileWhole(path, csvText(written, { header: true }));
}

function comparisonRow(comparison: Comparison): Row {
  const { candidate, baseline, cells, pairs, failed, difference, acrossCells, ahead, outcomes, differing, pValue } = comparison;
  const { atBudgets, timeRatio, memoryRatio } = comparison.costs;
  return {
    candidate,
    baseline,
    verdict: comparison.verdict,
    cells: cells.length,
    pairs,
    failedCandidate: failed.candidate,
    failedBaseline: failed.baseline,
    ...differenceValues(difference),
    acrossCellsLow: acrossCells?.[0] ?? null,
    acrossCellsHigh: acrossCells?.[1] ?? null,
    candidateAhead: ahead.candidate,
    equal: ahead.neither,
    baselineAhead: ahead.baseline,
    cellsWon: outcomes.win,
    cellsTied: outcomes.tie,
    cellsLost: outcomes.loss,
    differing,
    pValue,
    correctedPValue: comparison.correctedPValue,
    ...Object.fromEntries(
      atBudgets.flatMap(({ share, candidate: ours, baseline: theirs }) => [
        [`candidateDevAt${share}`, ours],
        [`baselineDevAt${share}`, theirs],
      ]),
    ),
    timeRatio,
    memoryRatio,
  };
}

function cellRow(
  { candidate, baseline }: Comparison,
  { cell, pairs, score, difference, outcome }: CellComparison,
  rates: readonly ChosenRate[],
): Row {
  return {
    ...cell,
    candidate,
    baseline,
    pairs,
    candidateMean: score.candidate.mean,
    candidateStd: score.candidate.std,
    baselineMean: score.baseline.mean,
    baselineStd: score.baseline.std,
    ...differenceValues(difference),
    outcome,
    candidateLearningRate: rateOf(rates, cell, candidate)?.learningRate ?? null,
    baselineLearningRate: rateOf(rates, cell, baseline)?.learningRate ?? null,
  };
}

const differenceValues = ({ mean, interval, covers }: Difference): Row => ({
  difference: mean,
  intervalLow: interval?.[0] ?? null,
  intervalHigh: interval?.[1] ?? null,
  intervalCovers: covers,
});
