import { partition } from '../groups.js';
import type { CellRecord, CellSettings, CompletedRecord } from '../../records/record.js';
import type { Stratum } from '../../statistics/index.js';

/** Two optimizers on one cell with one seed: the same model, data, batches and test items. */
export interface Pair {
  readonly candidate: CellRecord;
  readonly baseline: CellRecord;
}

/** A pair of which both runs completed. */
export interface CompletedPair {
  readonly candidate: CompletedRecord;
  readonly baseline: CompletedRecord;
}

/** What two optimizers are compared on, seed by seed. */
export type ComparedCell = Pick<CellSettings, 'model' | 'task' | 'template' | 'data' | 'scheme'>;

/** The cell as a text that is equal for equal cells. */
export const keyOf = ({ model, task, template, data, scheme }: ComparedCell): string =>
  JSON.stringify([model, task, template, data, scheme]);

/** A cell's task; the template is named where it is not the usual one. */
export const taskText = ({ task, template }: ComparedCell): string => (template === 'aligned' ? task : `${task} ${template}`);

/** The pairs of two optimizers, by cell. */
export function pairsByCell(records: readonly CellRecord[], candidate: string, baseline: string): [Pair, ...Pair[]][] {
  const of = (optimizer: string): CellRecord[] => records.filter(({ settings }) => settings.optimizer === optimizer);
  const partners = new Map(of(baseline).map((record) => [`${keyOf(record.settings)} ${record.settings.seed}`, record]));
  const pairs = of(candidate).flatMap((record) => {
    const partner = partners.get(`${keyOf(record.settings)} ${record.settings.seed}`);
    return partner ? [{ candidate: record, baseline: partner }] : [];
  });
  return partition(pairs, (pair) => keyOf(pair.candidate.settings));
}

export function completedPairs(pairs: readonly Pair[]): CompletedPair[] {
  return pairs.flatMap(({ candidate, baseline }) =>
    candidate.state === 'completed' && baseline.state === 'completed' ? [{ candidate, baseline }] : [],
  );
}

/** Test accuracy of the candidate minus the baseline's. */
export const differenceOf = ({ candidate, baseline }: CompletedPair): number => candidate.final.test.score - baseline.final.test.score;

/** More than two accuracies can differ by: a run that did not complete is worse than any that did. */
const FAILURE = 2;

/** For what asks for order alone: as {@link differenceOf}, and where one of the two did not complete, beyond all others. */
export function orderedDifference(pair: Pair): number {
  const [completed] = completedPairs([pair]);
  if (completed) return differenceOf(completed);
  const worth = ({ state }: CellRecord): number => (state === 'completed' ? 0 : -FAILURE);
  return worth(pair.candidate) - worth(pair.baseline);
}

/**
 * How far each test item moves the mean difference of some cells, away from what the seeds do; a stratum for each test file, whose items
 * all cells and seeds that use it have in common.
 * @returns null where a record does not say how the items were answered.
 */
export function itemStrata(cells: readonly (readonly CompletedPair[])[]): Stratum[] | null {
  const strata = new Map<string, Map<number, number>>();
  for (const pairs of cells) {
    for (const pair of pairs) {
      const differences = itemDifferences(pair);
      if (differences === null) return null;
      const { task, data } = pair.candidate.settings;
      const file = JSON.stringify([task, data]);
      const moves = strata.get(file) ?? new Map<number, number>();
      strata.set(file, moves);
      const weight = 1 / (cells.length * pairs.length * differences.size);
      const mean = differenceOf(pair);
      for (const [item, difference] of differences) moves.set(item, (moves.get(item) ?? 0) + weight * (difference - mean));
    }
  }
  return [...strata.values()].map((moves) => [...moves.values()]);
}

/** By item of the test file: 1 where only the candidate is right, -1 where only the baseline is, 0 where they agree. */
function itemDifferences({ candidate, baseline }: CompletedPair): Map<number, number> | null {
  const [ours, theirs] = [candidate.testAnswers, baseline.testAnswers];
  if (ours?.length === undefined || ours.length !== theirs?.length) return null;
  const asked = Array.from(ours).flatMap((answer, item): [number, number][] =>
    answer === '-' ? [] : [[item, Number(answer) - Number(theirs[item])]],
  );
  return new Map(asked);
}
