import type { CellRecord, CellSettings } from '../../records/index.js';
import { type Cell, fetched } from '../plan/index.js';
import { recordsIn, runCells, standingIn, type RunParts } from '../run/index.js';
import type { Signals } from '../../command-line/index.js';
import type { Trial } from './search.js';

export type TunedAxes = Pick<CellSettings, 'model' | 'task' | 'scheme' | 'optimizer'> & { readonly learningRate: number };

/** The search of one optimizer's learning rate in one cell. */
export interface Search {
  /** As the command line has them. */
  readonly start: TunedAxes;
  /** What records call them. */
  readonly names: Omit<TunedAxes, 'learningRate'>;
  readonly trials: Trial[];
}

/** How the learning rates are searched; every trial is a cell with a record, so an interrupted search goes on where it stopped. */
export interface SearchRules {
  /** Run folder of the trials. */
  readonly folder: string;
  readonly jobs: number;
  /** The cells of one rate: one for each seed. */
  cellsAt(axes: TunedAxes): Promise<Cell[]>;
  /** The rates to try next; empty at the search's end. */
  nextRates(trials: readonly Trial[], start: number): number[];
}

type SearchParts = Pick<RunParts, 'catalog' | 'workerPath' | 'backend' | 'stderr' | 'reply'>;

/** Takes all searches to their ends, round by round; returns the exit code of a signal that stopped them. */
export async function runSearches(
  all: readonly Search[],
  rules: SearchRules,
  parts: SearchParts,
  signals: Signals,
): Promise<number | undefined> {
  for (;;) {
    const planned = await Promise.all(all.flatMap((search) => nextTrials(search, rules)));
    const stopped = await signals.exitCode();
    if (stopped !== undefined || planned.length === 0) return stopped;
    const cells = planned.flatMap((trial) => trial.cells);
    const { isDone } = standingIn(rules.folder, cells, false, parts);
    const open = await fetched(
      cells.filter((cell) => !isDone(cell)),
      parts.catalog,
      parts.stderr,
    );
    if ((await runCells(rules.folder, open, cells.length, rules.jobs, parts, signals)) !== undefined) continue;
    const { records } = recordsIn(rules.folder);
    for (const { search, learningRate, cells: run } of planned) search.trials.push({ learningRate, score: scoreOf(records, run) });
  }
}

function nextTrials(search: Search, rules: SearchRules) {
  return rules.nextRates(search.trials, search.start.learningRate).map(async (learningRate) => {
    return { search, learningRate, cells: await rules.cellsAt({ ...search.start, learningRate }) };
  });
}

/** Mean dev accuracy over the seeds; -Infinity where one did not complete. */
function scoreOf(records: ReadonlyMap<string, CellRecord>, cells: readonly Cell[]): number {
  const scores = cells.map(({ id }) => {
    const record = records.get(id);
    return record?.state === 'completed' ? record.final.dev.score : -Infinity;
  });
  return scores.reduce((sum, score) => sum + score, 0) / scores.length;
}
