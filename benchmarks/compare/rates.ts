import { join } from 'node:path';
import type { ChosenRate } from '../../reports/index.js';
import { type Options, located, type Cell, planCells, type Catalog } from '../plan/index.js';
import { type RunParts, openRunFolder } from '../run/index.js';
import { bestTrial, equalRates, runSearches, type Search, type SearchRules, type TunedAxes } from '../tune/index.js';
import { underSignals } from '../../command-line/index.js';

/** The rate that each optimizer has without a search: a known one, or what it declares. */
export async function knownRates(cells: readonly Cell[], catalog: Catalog): Promise<PlannedRate[]> {
  return Promise.all(
    distinctAxes(cells).map(async ({ names, given }) => {
      const { learningRate, tuned } = await catalog.defaultHyperparameters(given);
      return { given, rate: { ...names, learningRate, source: tuned ? 'known' : 'declared', atEnd: false } };
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
  parts: RunParts,
): Promise<PlannedRate[] | number> {
  const searches = await Promise.all(distinctAxes(cells).map((axes) => searchOf(axes, parts.catalog)));
  const trials = join(folder, 'tuning');
  const release = openRunFolder(trials);
  try {
    const cellsAt = (axes: TunedAxes): Promise<Cell[]> => planCells(trialOptions(options, axes), parts.catalog);
    const rules: SearchRules = {
      folder: trials,
      jobs: options.jobs ?? 1,
      cellsAt,
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
  model: [model],
  task: [task],
  scheme: [scheme],
  optimizer: [optimizer],
  learningRate,
  seeds: 1,
  testSize: 1,
});

async function searchOf({ names, given }: DistinctAxes, catalog: Catalog): Promise<Search> {
  const { learningRate } = await catalog.defaultHyperparameters(given);
  return { start: { ...given, learningRate }, names, trials: [] };
}

function chosenOf({ start: { learningRate, ...given }, names, trials }: Search): PlannedRate {
  const tried = trials.map((trial) => trial.learningRate);
  const chosen = bestTrial(trials)?.learningRate ?? learningRate;
  const atEnd = chosen === Math.max(...tried) || chosen === Math.min(...tried);
  return { given, rate: { ...names, learningRate: chosen, source: 'tuned', atEnd } };
}

type Axes = Omit<TunedAxes, 'learningRate'>;

/** What records call a model, a task, a scheme and an optimizer, and what the command line does. */
interface DistinctAxes {
  readonly names: Axes;
  readonly given: Axes;
}

/** The rate of an optimizer in a cell, and what to plan it by. */
export interface PlannedRate extends Pick<DistinctAxes, 'given'> {
  readonly rate: ChosenRate;
}

/** Each combination once. */
function distinctAxes(cells: readonly Cell[]): DistinctAxes[] {
  const all = cells.map((cell) => ({ names: axesOf(cell.settings), given: axesOf(located(cell)) }));
  return [...new Map(all.map((axes) => [JSON.stringify(axes.names), axes])).values()];
}

const axesOf = ({ model, task, scheme, optimizer }: Axes): Axes => ({ model, task, scheme, optimizer });
