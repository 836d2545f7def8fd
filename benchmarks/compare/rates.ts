import { join } from 'node:path';
import type { ChosenRate } from '../../reports/index.js';
import type { Options } from '../arguments.js';
import { planCells, type Catalog, type Cell } from '../cells.js';
import type { Parts } from '../run.js';
import { openRunFolder } from '../run-folder.js';
import { bestTrial, equalRates } from '../search.js';
import { underSignals } from '../signals.js';
import { runSearches, type Search, type SearchRules, type TunedAxes } from '../tuning.js';

/** The rate that each optimizer has without a search: a known one, or what it declares. */
export async function knownRates(cells: readonly Cell[], catalog: Catalog): Promise<ChosenRate[]> {
  return Promise.all(
    distinctAxes(cells).map(async (axes) => {
      const { learningRate, tuned } = await catalog.defaultHyperparameters(axes);
      return { ...axes, learningRate, source: tuned ? 'known' : 'declared', atEnd: false };
    }),
  );
}

/**
 * Searches each optimizer's rate in each cell, with the same number of trials around what it would have without a search, at the budget of the
 * runs to come and on seed 0; dev alone decides. The trials are in the folder `tuning` of the run's.
 * @returns the rates, or the exit code of a signal that stopped the search.
 */
export async function tunedRates(
  cells: readonly Cell[],
  folder: string,
  count: number,
  options: Options,
  parts: Parts,
): Promise<ChosenRate[] | number> {
  const searches = await Promise.all(distinctAxes(cells).map((axes) => searchOf(axes, parts.catalog)));
  const trials = join(folder, 'tuning');
  const release = openRunFolder(trials);
  try {
    const cellsAt = (axes: TunedAxes): Promise<Cell[]> => planCells(trialOptions(options, axes), parts.catalog);
    const rules: SearchRules = {
      ...{ folder: trials, jobs: options.jobs ?? 1, cellsAt },
      nextRates: (tried, start) => equalRates(tried, start, count),
    };
    return (await underSignals((signals) => runSearches(searches, rules, parts, signals))) ?? searches.map(chosenOf);
  } finally {
    release();
  }
}

/** A run like those to come, but for one seed and one test item: nothing is chosen on test, though a record has it. */
const trialOptions = (options: Options, { model, task, scheme, optimizer, learningRate }: TunedAxes): Options => ({
  ...options,
  ...{ model: [model], task: [task], scheme: [scheme], optimizer: [optimizer], learningRate },
  ...{ seeds: 1, testSize: 1 },
});

async function searchOf(axes: Axes, catalog: Catalog): Promise<Search> {
  const { learningRate } = await catalog.defaultHyperparameters(axes);
  return { start: { ...axes, learningRate }, trials: [] };
}

function chosenOf({ start, trials }: Search): ChosenRate {
  const { model, task, scheme, optimizer, learningRate } = start;
  const tried = trials.map((trial) => trial.learningRate);
  const chosen = bestTrial(trials)?.learningRate ?? learningRate;
  const atEnd = chosen === Math.max(...tried) || chosen === Math.min(...tried);
  return { model, task, scheme, optimizer, learningRate: chosen, source: 'tuned', atEnd };
}

type Axes = Omit<TunedAxes, 'learningRate'>;

/** Model, task, scheme and optimizer, each combination once. */
function distinctAxes(cells: readonly Cell[]): Axes[] {
  const all = cells.map(({ settings: { model, task, scheme, optimizer } }) => ({ model, task, scheme, optimizer }));
  return [...new Map(all.map((axes) => [JSON.stringify(axes), axes])).values()];
}
