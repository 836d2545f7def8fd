import { availableParallelism } from 'node:os';
import { dirname } from 'node:path';
import { UnfitError, unknownName, UsageError } from '../../engine/errors.js';
import { requireUsed, type OptimizerTraits } from '../../optimizers/index.js';
import { cellId, type CellSettings } from '../../records/index.js';
import { isOwnCode } from '../../own-code/index.js';
import type { Options } from './arguments.js';
import { checkBatches, stepsOf } from './budgets.js';
import type { Catalog } from './catalog.js';
import { defaultGrid, type Grid, grids } from './grids.js';
import { placedNames, requireOneMeaning } from './names.js';
import { checkCount, checkData, checkObjective, requireEpsilonUsed } from './option-checks.js';
import type { Cell } from './cell.js';
import type { StepRules } from '../../training/index.js';

/** Of cells whose scheme trains nothing: what stands for their optimizer, and the settings that say nothing of them. */
export const NO_OPTIMIZER: OptimizerTraits = {
  id: 'none',
  order: 'zeroth',
  cost: { forwards: 0, backwards: 0 },
  defaults: { learningRate: NaN },
  stateArrays: 0,
};
const NO_TRAINING: Training = {
  steps: 0,
  batchSize: 0,
  accumulate: 1,
  evaluateEvery: 1,
  objective: 'cross-entropy',
  learningRate: null,
  schedule: 'constant',
  warmup: 0,
  weightDecay: 0,
  epsilon: null,
};

type Training = Pick<CellSettings, 'steps' | 'batchSize' | 'accumulate' | 'evaluateEvery' | 'objective' | keyof StepRules>;

type Axes = Pick<CellSettings, 'model' | 'task' | 'template' | 'scheme' | 'optimizer' | 'seed'>;

/**
 * The cells that options ask for, each once: the cross product of the axes, models outermost, seeds innermost.
 * @param leaveOut takes the reason why a cell cannot be; without it, that is thrown.
 * @throws UsageError for a name that does not exist.
 */
export async function planCells(options: Options, catalog: Catalog, leaveOut?: (reason: UnfitError) => void): Promise<Cell[]> {
  checkData(options.data);
  await catalog.prepare(options.scheme ?? [], options.task ?? []);
  const cells: Cell[] = [];
  for (const grid of partsOf(options)) {
    const all = axesOf(options, grid, catalog);
    const { seeds, ...names } = all;
    checkCount(seeds, names);
    // Before anything else: does every optimizer exist?
    for (const optimizer of all.optimizers) await catalog.resolveOptimizer(optimizer);
    for (const axes of crossProduct(all, catalog)) {
      try {
        cells.push(await cellOf(await settingsOf(axes, options, grid, catalog), catalog));
      } catch (error) {
        if (!leaveOut || !(error instanceof UnfitError)) throw error;
        leaveOut(error);
      }
    }
  }
  requireEpsilonUsed(options, cells);
  return uniqueCells(cells);
}

/**
 * Each once: parts of a grid, or two spellings of one optimizer, may ask for the same.
 * @throws UsageError where one name stands for two things.
 */
export function uniqueCells(cells: readonly Cell[]): Cell[] {
  requireOneMeaning(cells);
  return [...new Map(cells.map((cell) => [cell.id, cell])).values()];
}

/** @param found the settings as {@link located} gives them back. */
async function cellOf(found: CellSettings, catalog: Catalog): Promise<Cell> {
  const { settings, places } = await placedNames(found, catalog);
  const { kind, warnings } = await catalog.modelSize(found.model, found.scheme);
  const inputs = await catalog.inputsOf(found, kind);
  return { id: cellId(settings), settings, places, inputs, ...(warnings.length > 0 && { warnings }) };
}

async function settingsOf(axes: Axes, options: Options, grid: Grid, catalog: Catalog): Promise<CellSettings> {
  const shared = await sharedSettings(axes, options, grid, catalog);
  const training = catalog.isTrainingFree(axes.scheme) ? NO_TRAINING : await trainingSettings(shared, options, grid, catalog);
  return { ...shared, ...training };
}

function partsOf({ grid }: Options): readonly Grid[] {
  if (grid === undefined) return defaultGrid;
  const known = Object.keys(grids);
  const found = known.includes(grid) ? grids[grid] : undefined;
  if (!found) throw unknownName('grid', grid, known);
  return found;
}

function axesOf(options: Options, grid: Grid, catalog: Catalog) {
  return {
    models: (options.model ?? grid.models).map((name) => bundledOrGiven(name, catalog)),
    tasks: tasksOf(options, grid, catalog),
    templates: options.template ?? grid.templates,
    schemes: (options.scheme ?? grid.schemes).map((name) => (isOwnCode(name) ? name : catalog.canonicalScheme(name))),
    optimizers: options.optimizer ?? (grid.optimizers === 'all' ? catalog.optimizers : grid.optimizers),
    seeds: options.seeds ?? grid.seeds,
  };
}

/** A bundled model by its name, also where its folder is given; any other as it is given. */
function bundledOrGiven(model: string, catalog: Catalog): string {
  const name = catalog.modelName(model);
  return catalog.models.includes(name) ? name : model;
}

function tasksOf({ task = [], prompt, candidates, label, testFile }: Options, grid: Grid, catalog: Catalog): readonly string[] {
  const own = task.filter((name) => catalog.isTaskPath(name));
  const items = own.filter((name) => !isOwnCode(name));
  const [option] = Object.entries({ prompt, candidates, label, 'test-file': testFile }).find(([, value]) => value !== undefined) ?? [];
  if (items.length === 0 && option !== undefined) throw new UsageError(`--${option} is for a task of your own: --task ./mine.jsonl`);
  return task.length > 0 ? known('task', task, [...catalog.tasks, ...own]) : grid.tasks;
}

function known(kind: string, asked: readonly string[], valid: readonly string[]): readonly string[] {
  const wrong = asked.find((name) => !valid.includes(name));
  if (wrong !== undefined) throw unknownName(kind, wrong, valid);
  return asked;
}

/** A scheme that trains nothing is run once, not for each optimizer. */
function* crossProduct(all: ReturnType<typeof axesOf>, catalog: Catalog): Generator<Axes> {
  const { models, tasks, templates, schemes, optimizers, seeds } = all;
  for (const model of models) {
    for (const task of tasks) {
      for (const template of templates) {
        for (const scheme of schemes) {
          for (const optimizer of catalog.isTrainingFree(scheme) ? [NO_OPTIMIZER.id] : optimizers) {
            for (let seed = 0; seed < seeds; seed++) yield { model, task, template, scheme, optimizer, seed };
          }
        }
      }
    }
  }
}

/** A task of the user's own has its data beside it, and is asked as the command line says. */
function taskChoice({ task, template }: Axes, options: Options, catalog: Catalog) {
  const { data = 'bundled', prompt = null, candidates = null, label = null, testFile = null } = options;
  // Code reads its data where it is told to, or lies beside them.
  if (isOwnCode(task))
    return { task, template, data: options.data ?? dirname(task), prompt: null, candidates: null, label: null, testFile: null };
  if (catalog.isTaskPath(task)) return { task, template, data: 'files', prompt, candidates, label, testFile };
  return { task, template, data, prompt: null, candidates: null, label: null, testFile: null };
}

/** What training decides nothing about. */
async function sharedSettings(axes: Axes, options: Options, grid: Grid, catalog: Catalog) {
  const size = await catalog.modelSize(axes.model, axes.scheme);
  const { kind } = size;
  catalog.checkModel(axes.model, axes.scheme);
  const choice = taskChoice(axes, options, catalog);
  const data = { ...choice, scheme: axes.scheme };
  await catalog.checkScheme(data, kind);
  const sizes = await catalog.splitSizes(data, kind, options, grid);
  await catalog.checkTexts(axes.model, choice, size);
  return {
    ...axes,
    ...sizes,
    ...choice,
    perClass: options.perClass ?? null,
    ...(options.stream && { stream: options.stream }),
    ...(options.backend && options.backend !== 'cpu' && { backend: options.backend }),
    threads: options.threads ?? Math.max(1, Math.floor(availableParallelism() / (options.jobs ?? 1))),
    timeoutSeconds: options.timeout ?? grid.timeoutSeconds,
  };
}

type Shared = Awaited<ReturnType<typeof sharedSettings>>;

/** With the one name of the optimizer. */
async function trainingSettings(
  shared: Shared,
  options: Options,
  grid: Grid,
  catalog: Catalog,
): Promise<Training & Pick<CellSettings, 'optimizer'>> {
  const size = await catalog.modelSize(shared.model, shared.scheme);
  const optimizer = await catalog.resolveOptimizer(shared.optimizer, size.trained);
  checkObjective(options.objective, optimizer);
  requireUsed(optimizer, { weightDecay: options.weightDecay });
  const name = catalog.isOptimizerPath(shared.optimizer) ? shared.optimizer : optimizer.id;
  const defaults = await catalog.defaultHyperparameters({ ...shared, optimizer: name });
  // A small training set is one batch.
  const batchSize = options.batchSize ?? Math.min(defaults.batchSize, shared.trainSize);
  const batches = { batchSize, accumulate: options.accumulate ?? 1 };
  checkBatches(batches, shared.trainSize);
  const steps = stepsOf(optimizer, size, { ...shared, ...batches }, options, grid);
  return {
    optimizer: name,
    steps,
    ...batches,
    objective: options.objective ?? 'cross-entropy',
    learningRate: options.learningRate ?? defaults.learningRate,
    schedule: options.schedule ?? 'constant',
    warmup: options.warmup ?? 0,
    weightDecay: options.weightDecay ?? optimizer.defaults.weightDecay ?? 0,
    epsilon: optimizer.defaults.epsilon !== undefined ? (options.epsilon ?? defaults.epsilon) : null,
    evaluateEvery: Math.ceil(steps / grid.evaluations),
  };
}
