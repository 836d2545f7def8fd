import { join } from 'node:path';
import { z } from 'zod';
import { InputError, percent, readTextIfThere, UsageError } from '../../engine/index.js';
import {
  located,
  type Cell,
  planCells,
  type Catalog,
  defaultGrid,
  ratesSchema,
  planOf,
  planText,
  warnOfModels,
  sayOverlaps,
} from '../plan/index.js';
import {
  type CommandLine,
  count,
  names,
  positiveFloat,
  text,
  commandAgain,
  type Reply,
  runProgram,
  underSignals,
} from '../../command-line/index.js';
import { openRunFolder, writeJson, guardedReport, type Parts } from '../run/index.js';
import { bestTrial, isFlat, nextRates } from './search.js';
import { runSearches, type Search, type SearchRules, type TunedAxes } from './tuning.js';

/** As of a run, whose report is written but not printed. */
export type TuneParts = Omit<Parts, 'report'> & { report(folder: string): Promise<unknown> };

/**
 * Searches a learning rate for each model, task, scheme and optimizer, by dev accuracy alone. Every trial is a cell with a record, so an
 * interrupted search goes on where it stopped, and the run folder is the search's log. Returns the process's exit code.
 */
export function runTune(argv: readonly string[], parts: TuneParts): Promise<number> {
  return runProgram(commandLine, argv, parts, (options, _, reply) => {
    const command = commandAgain(parts.calledAs ?? commandLine.scriptName, argv);
    return reply.dryRun ? planTrials(options, { ...parts, reply }) : tune(options, command, { ...parts, reply });
  });
}

/** What is searched where nothing is named. */
const usual = (axis: 'schemes' | 'tasks' | 'models'): string => [...new Set(defaultGrid.flatMap((grid) => grid[axis]))].join(', ');

const shape = {
  optimizer: names().optional().describe('optimizers, or files of your own; default: all'),
  scheme: names()
    .optional()
    .describe(`fine-tuning schemes; default: ${usual('schemes')}`),
  task: names()
    .optional()
    .describe(`tasks; default: ${usual('tasks')}`),
  model: names()
    .optional()
    .describe(`models, folders in Hugging Face layout, or hub ids; default: ${usual('models')}`),
  data: text().optional().describe("bundled (default) or a folder with the tasks' files"),
  forwards: count().default(400).describe('forward passes of a trial of a zeroth-order or forward-mode optimizer; default: 400'),
  steps: count().optional().describe('steps of a trial of a first-order optimizer; default: 100'),
  start: positiveFloat().optional().describe('the first learning rate; default: what a run would use'),
  trials: count().default(10).describe('largest number of rates for each; default: 10'),
  seeds: count().default(1).describe('seeds of a trial, averaged; default: 1'),
  jobs: count().default(1).describe('trials at the same time; default: 1'),
  out: text().default(join('results', 'tuning')).describe('folder of the search; default: results/tuning'),
};

const commandLine: CommandLine<typeof shape> = {
  scriptName: 'npm run tune --',
  usage: 'Searches learning rates on dev: the best of a grid of 1 and 3 times powers of ten, extended until both its neighbours are worse.',
  schema: z.object(shape),
  examples: [['--optimizer ./mine.ts,zo-sgd --scheme full --model opt-mini', 'equal tuning for two optimizers']],
};

type Options = z.output<(typeof commandLine)['schema']>;

/** The cells of one rate: one for each seed. */
function cellsAt({ model, task, scheme, optimizer, learningRate }: TunedAxes, options: Options, catalog: Catalog): Promise<Cell[]> {
  const { data, forwards, steps, seeds, jobs } = options;
  const axes = { model: [model], task: [task], scheme: [scheme], optimizer: [optimizer] };
  return planCells(
    {
      grid: 'tuning',
      ...axes,
      ...(data !== undefined && { data }),
      ...(steps !== undefined && { steps }),
      forwards,
      learningRate,
      seeds,
      jobs,
    },
    catalog,
  );
}

async function searches(options: Options, { catalog, stderr }: TuneParts): Promise<Search[]> {
  const { model, task, scheme, optimizer, data, start } = options;
  const given = { model, task, scheme, optimizer, data, learningRate: start, seeds: 1 };
  const cells = await planCells(Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)), catalog);
  warnOfModels(cells, stderr);
  await sayOverlaps(cells, catalog, stderr);
  return cells.map((cell) => {
    const { learningRate, ...axes } = located(cell);
    if (learningRate === null) throw new UsageError(`scheme ${axes.scheme} trains nothing: there is no learning rate to search for`);
    return { start: { ...axes, learningRate }, names: cell.settings, trials: [] };
  });
}

/** The first trial of each search, as a plan. */
async function planTrials(options: Options, parts: TuneParts & { readonly reply: Reply }): Promise<number> {
  const cells = (await Promise.all((await searches(options, parts)).map(({ start }) => cellsAt(start, options, parts.catalog)))).flat();
  const plan = await planOf(cells, () => false, options.jobs, parts.catalog);
  parts.reply.result(`${planText(plan)}\nThese are the first of up to ${options.trials} rates for each.`, plan);
  return 0;
}

async function tune(options: Options, command: string, parts: TuneParts & { readonly reply: Reply }): Promise<number> {
  const release = openRunFolder(options.out);
  try {
    const all = await searches(options, parts);
    const rules: SearchRules = {
      folder: options.out,
      jobs: options.jobs,
      cellsAt: (axes) => cellsAt(axes, options, parts.catalog),
      nextRates: (trials, start) => nextRates(trials, start, options.trials),
    };
    const earlier = earlierRates(options.out, all); // first, for a damaged file must not cost the search
    const stopped = await underSignals((signals) => runSearches(all, rules, parts, signals));
    const failed = all.filter(({ trials }) => (bestTrial(trials)?.score ?? -Infinity) === -Infinity);
    if (stopped === undefined) {
      const found = all.filter((search) => !failed.includes(search)).flatMap((search) => foundRate(search, parts.reply));
      writeJson(join(options.out, RATES), [...earlier, ...found]);
    }
    const isReported = await guardedReport(() => parts.report(options.out), parts.stderr);
    if (stopped !== undefined) parts.stderr.write(`stopped before the end of the search; to go on: ${command}\n`);
    return stopped ?? (failed.length === 0 && isReported ? 0 : 1);
  } finally {
    release();
  }
}

const RATES = 'learning-rates.json';
/** What earlier searches in the folder found that are not among these. @throws InputError where their file is damaged. */
function earlierRates(folder: string, all: readonly Search[]): TunedAxes[] {
  const file = join(folder, RATES);
  const keyOf = ({ model, task, scheme, optimizer }: Search['names']): string => JSON.stringify([model, task, scheme, optimizer]);
  const now = new Set(all.map(({ names: search }) => keyOf(search)));
  const text = readTextIfThere(file);
  if (text === undefined) return [];
  try {
    return ratesSchema.parse(JSON.parse(text)).filter((rate) => !now.has(keyOf(rate)));
  } catch {
    throw new InputError(`${file}: not what a search wrote: give another --out, or move this file away`);
  }
}

/** The best rate, which it prints; none where no rate is better than another. */
function foundRate({ names: { model, task, scheme, optimizer }, trials }: Search, { result }: Reply): TunedAxes[] {
  const { learningRate, score } = bestTrial(trials) ?? { learningRate: NaN, score: NaN };
  const of = `${model} ${task} ${scheme} ${optimizer}`;
  const dev = `dev ${percent(score)} %`;
  const found = { model, task, scheme, optimizer, learningRate };
  result(isFlat(trials) ? `${of}: all rates alike, ${dev}` : `${of}: ${learningRate}, ${dev}`, {
    ...found,
    devScore: score,
    isFlat: isFlat(trials),
  });
  return isFlat(trials) ? [] : [found];
}
