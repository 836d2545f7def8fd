import type { CellRecord } from '../../records/record.js';
import { mean, sampleStd, bootstrapInterval, type Interval, type Stratum, holm, LEVEL, signedRankTest } from '../../statistics/index.js';
import { costsOf, type Costs } from './costs.js';
import {
  completedPairs,
  differenceOf,
  itemStrata,
  orderedDifference,
  pairsByCell,
  type ComparedCell,
  type CompletedPair,
  type Pair,
} from './pairs.js';

/** Who is compared with whom, on the same cells and seeds. */
export interface Contest {
  readonly candidates: readonly string[];
  readonly baselines: readonly string[];
}

export type Outcome = 'win' | 'tie' | 'loss';

/** What an interval takes as random; the rest stays as it was. */
export type Coverage = 'seeds and test items' | 'seeds' | 'test items' | 'nothing';

/** Accuracies are shares, 0 to 1, and differences the candidate's minus the baseline's. */
export interface Difference {
  /** Mean over the seeds, and of these over the cells, in which both completed; NaN where there are none. */
  readonly mean: number;
  /** 95 %; null for one seed whose answers were not recorded. */
  readonly interval: Interval | null;
  readonly covers: Coverage;
}

/** Mean and sample standard deviation of test accuracy over the seeds that both completed. */
export interface SeedScores {
  readonly mean: number;
  readonly std: number | null;
}

interface Sides<T> {
  readonly candidate: T;
  readonly baseline: T;
}

/** Two optimizers on one model, task, template and scheme. */
export interface CellComparison {
  readonly cell: ComparedCell;
  readonly pairs: number;
  readonly score: Sides<SeedScores>;
  readonly difference: Difference;
  readonly outcome: Outcome;
}

/** Two optimizers on all cells. */
export interface Comparison {
  readonly candidate: string;
  readonly baseline: string;
  readonly cells: readonly CellComparison[];
  /** Pairs of which both runs completed. */
  readonly pairs: number;
  /** Runs that did not complete. */
  readonly failed: Sides<number>;
  readonly difference: Difference;
  /** 95 % interval of the mean difference over cells like these; null for a single one. */
  readonly acrossCells: Interval | null;
  /** Pairs by which of the two was ahead on test. */
  readonly ahead: Sides<number> & { readonly neither: number };
  readonly outcomes: Readonly<Record<Outcome, number>>;
  /** Pairs that the test rests on. */
  readonly differing: number;
  readonly pValue: number;
  /** After Holm's correction for all comparisons of the report. */
  readonly correctedPValue: number;
  readonly verdict: 'better' | 'worse' | 'not told apart';
  readonly costs: Costs;
}

/** Compares each candidate with each baseline; the p-values are corrected for all of these comparisons. */
export function compare(records: readonly CellRecord[], { candidates, baselines }: Contest): Comparison[] {
  const all = candidates.flatMap((candidate) => baselines.map((baseline) => compareTwo(records, candidate, baseline)));
  const corrected = holm(all.map(({ pValue }) => pValue));
  return all.map((one, index) => withVerdict({ ...one, correctedPValue: corrected[index] ?? NaN }));
}

function compareTwo(records: readonly CellRecord[], candidate: string, baseline: string): Omit<Comparison, 'correctedPValue' | 'verdict'> {
  const byCell = pairsByCell(records, candidate, baseline);
  const pairs = byCell.flat();
  const cells = byCell.map(compareCell);
  const completed = byCell.map(completedPairs).filter((some) => some.length > 0);
  const signs = pairs.map((pair) => Math.sign(orderedDifference(pair)));
  const count = <T>(items: readonly T[], wanted: T): number => items.filter((item) => item === wanted).length;
  const outcomes = cells.map(({ outcome }) => outcome);
  return {
    candidate,
    baseline,
    cells,
    pairs: completed.flat().length,
    failed: failuresIn(pairs),
    difference: differenceOver(completed),
    acrossCells: bootstrapInterval(mean(cellMeans(completed)), { few: [movesOfMean(cellMeans(completed), 1)], many: [] }),
    ahead: { candidate: count(signs, 1), baseline: count(signs, -1), neither: count(signs, 0) },
    outcomes: { win: count(outcomes, 'win'), tie: count(outcomes, 'tie'), loss: count(outcomes, 'loss') },
    ...signedRankTest(pairs.map(orderedDifference)),
    costs: costsOf(completed.flat()),
  };
}

function compareCell(pairs: [Pair, ...Pair[]]): CellComparison {
  const { model, task, template, data, scheme } = pairs[0].candidate.settings;
  const completed = completedPairs(pairs);
  const scoresOf = (side: keyof CompletedPair): SeedScores => {
    const scores = completed.map((pair) => pair[side].final.test.score);
    return { mean: mean(scores), std: sampleStd(scores) };
  };
  const difference = differenceOver(completed.length > 0 ? [completed] : []);
  return {
    cell: { model, task, template, data, scheme },
    pairs: completed.length,
    score: { candidate: scoresOf('candidate'), baseline: scoresOf('baseline') },
    difference,
    outcome: outcomeOf(failuresIn(pairs), difference.interval),
  };
}

const failuresIn = (pairs: readonly Pair[]): Sides<number> => ({
  candidate: pairs.filter(({ candidate }) => candidate.state !== 'completed').length,
  baseline: pairs.filter(({ baseline }) => baseline.state !== 'completed').length,
});

/** Who failed more seeds loses; else the interval decides, and one that holds zero is a tie. */
function outcomeOf(failed: Sides<number>, interval: Interval | null): Outcome {
  if (failed.candidate !== failed.baseline) return failed.candidate > failed.baseline ? 'loss' : 'win';
  return outcomeOfInterval(interval);
}

function outcomeOfInterval(interval: Interval | null): Outcome {
  if (interval === null) return 'tie';
  const [low, high] = interval;
  return low > 0 ? 'win' : high < 0 ? 'loss' : 'tie';
}

/** The mean difference of some cells. Each cell's seeds are drawn anew by themselves, test items for all cells and seeds together. */
function differenceOver(cells: readonly (readonly CompletedPair[])[]): Difference {
  const estimate = mean(cellMeans(cells));
  const seeds = cells.map((pairs) => movesOfMean(pairs.map(differenceOf), cells.length)).filter((moves) => moves.length > 1);
  const items = itemStrata(cells) ?? [];
  return {
    mean: estimate,
    interval: bootstrapInterval(estimate, { few: seeds, many: items }),
    covers: coverageOf(seeds.length > 0, items.length > 0),
  };
}

function coverageOf(seeds: boolean, items: boolean): Coverage {
  if (seeds && items) return 'seeds and test items';
  return seeds ? 'seeds' : items ? 'test items' : 'nothing';
}

const cellMeans = (cells: readonly (readonly CompletedPair[])[]): number[] => cells.map((pairs) => mean(pairs.map(differenceOf)));

/** How far each value moves the mean of so many means of which this is one. */
function movesOfMean(values: readonly number[], means: number): Stratum {
  const centre = mean(values);
  return values.map((value) => (value - centre) / (values.length * means));
}

const VERDICTS = { win: 'better', tie: 'not told apart', loss: 'worse' } as const;

/** Both the interval and the test must speak. */
function withVerdict(comparison: Omit<Comparison, 'verdict'>): Comparison {
  const outcome = comparison.correctedPValue < LEVEL ? outcomeOfInterval(comparison.difference.interval) : 'tie';
  return { ...comparison, verdict: VERDICTS[outcome] };
}
