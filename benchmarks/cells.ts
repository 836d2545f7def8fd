import { createHash } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { UnfitError, unknownName, UsageError } from '../engine/errors.js';
import { visible } from '../engine/visible.js';
import type { ParameterPlace } from '../engine/index.js';
import { requireUsed, type Optimizer } from '../optimizers/index.js';
import type { Options } from './arguments.js';
import { checkBatches, stepsOf } from './budgets.js';
import type { ModelSize } from './estimate.js';
import { checkCount, checkData, checkObjective, requireEpsilonUsed } from './option-checks.js';
import type { ReportDownload } from '../models/index.js';
import { defaultGrid, type Grid, grids } from './grids.js';
import type { TunedHyperparameters } from './hyperparameters.js';
import type { Peak } from './memory/cell.js';
import type { JudgedItems } from './memory/evaluation.js';
import { cellId, type CellSettings, type Inputs, type Places } from '../reports/index.js';
import { placedNames, requireOneMeaning } from './names.js';
import type { PlannedData } from './task-data.js';
import type { StepRules } from './train.js';
import type { DataChoice } from './open-data.js';
import type { AskedSizes, ModelKind, Sizes, TaskChoice } from '../tasks/index.js';

/** One run of the grid, in a process of its own. */
export interface Cell {
  /** Hash of the settings; names the record's file. */
  readonly id: string;
  /** By names alone: the same on every machine. */
  readonly settings: CellSettings;
  /** Where here is what the names stand for. */
  readonly places: Places;
  /** What the cell is made of, as far as it is on this machine. */
  readonly inputs: Inputs;
  /** What nobody here knows of the model's configuration, a line each; absent where there is nothing. */
  readonly warnings?: readonly string[];
}

/** The settings with paths in the place of names: what opens something takes these. */
export const located = ({ settings, places }: Pick<Cell, 'settings' | 'places'>): CellSettings => Object.assign({}, settings, places);

/** What the runner asks of an optimizer before it runs one. */
export type OptimizerTraits = Pick<Optimizer, 'id' | 'order' | 'cost' | 'defaults' | 'stateArrays'>;

/** What can be run, by name. */
export interface Catalog {
  readonly optimizers: readonly string[];
  readonly schemes: readonly string[];
  readonly tasks: readonly string[];
  /** The models that come with zobench. */
  readonly models: readonly string[];
  /** Whether a task is given as a file of the user's own rather than by name. */
  isTaskPath(name: string): boolean;
  /**
   * The one name of a scheme that may be given with options.
   * @throws UsageError for one that does not exist or does not have such options.
   */
  canonicalScheme(name: string): string;
  /** Whether a scheme needs no optimizer. */
  isTrainingFree(scheme: string): boolean;
  /** @throws UsageError where a scheme is none for a task or a kind of model, and what `splitSizes` throws. */
  checkScheme(choice: DataChoice, kind: ModelKind): Promise<void>;
  /** @throws InputError with file and line where a model has no row for a token that an item spells out. */
  checkTexts(model: string, choice: TaskChoice, size: ModelSize): Promise<void>;
  /** Whether an optimizer is given as a file of the user's own rather than by name. */
  isOptimizerPath(name: string): boolean;
  /**
   * Of a file of the user's own, the cost for each block is known for `trained` alone.
   * @throws UsageError for a name that is neither built in nor a file that exports an optimizer.
   */
  resolveOptimizer(nameOrPath: string, trained?: readonly ParameterPlace[]): Promise<OptimizerTraits>;
  /**
   * Of a model by name, folder or id on the Hugging Face hub, under a scheme; no weights are fetched.
   * @throws UsageError, InputError where there is none.
   */
  modelSize(name: string, scheme: string): Promise<ModelSize>;
  /** What a plan takes a cell's items to be. */
  plannedData(settings: CellSettings, model: ModelSize): Promise<PlannedData>;
  /** Peak memory of a cell's process, by prediction. */
  predictPeak(settings: CellSettings, items: JudgedItems): Promise<Peak>;
  /**
   * How many items a cell draws: those asked for, or the grid's and the task's as far as the data go.
   * @throws UsageError, InputError where the task has no such prompt, or its data are not there or too few.
   */
  splitSizes(choice: DataChoice, kind: ModelKind, asked: AskedSizes, grid: Sizes): Promise<Sizes>;
  /** How many training items are left out, as test items ask the same. */
  overlap(choice: DataChoice, kind: ModelKind): Promise<number>;
  /**
   * Fetches a model that is not on this machine, to be trained under these schemes.
   * @throws InputError where that cannot be.
   */
  fetchModel(name: string, report: ReportDownload, schemes: readonly string[]): Promise<unknown>;
  /** The name that a model has wherever it lies. @throws UsageError for a folder with a bundled model's name. */
  modelName(nameOrFolder: string): string;
  /** What a cell is made of, as far as it is on this machine: hashes of its files and of an optimizer of the user's own. */
  inputsOf(located: CellSettings, kind: ModelKind): Promise<Inputs>;
  defaultHyperparameters(cell: Pick<CellSettings, 'model' | 'task' | 'scheme' | 'optimizer'>): Promise<TunedHyperparameters>;
}

/** Of cells whose scheme trains nothing: what stands for their optimizer, and the settings that say nothing of them. */
export const NO_OPTIMIZER: OptimizerTraits = {
  ...{ id: 'none', order: 'zeroth', cost: { forwards: 0, backwards: 0 } },
  ...{ defaults: { learningRate: NaN }, stateArrays: 0 },
};
const NO_TRAINING: Training = {
  ...{ steps: 0, batchSize: 0, accumulate: 1, evaluateEvery: 1, objective: 'cross-entropy' },
  ...{ learningRate: null, schedule: 'constant', warmup: 0, weightDecay: 0, epsilon: null },
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

/** Names a folder after what is in it: a letter and the first 8 hex digits of the text's SHA-256. */
export const folderHash = (text: string): string => `h${createHash('sha256').update(text).digest('hex').slice(0, 8)}`;

/** "opt-mini sst2 lora zo-sgd seed 0"; the template is named where it is not the usual one. */
export function cellTitle({ model, task, template, scheme, optimizer, seed }: CellSettings): string {
  return visible(`${model} ${task}${template === 'aligned' ? '' : ` ${template}`} ${scheme} ${optimizer} seed ${seed}`);
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
    schemes: (options.scheme ?? grid.schemes).map((name) => catalog.canonicalScheme(name)),
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
  const [option] = Object.entries({ prompt, candidates, label, 'test-file': testFile }).find(([, value]) => value !== undefined) ?? [];
  if (own.length === 0 && option !== undefined) throw new UsageError(`--${option} is for a task of your own: --task ./mine.jsonl`);
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
  const { data = 'embedded', prompt = null, candidates = null, label = null, testFile = null } = options;
  if (catalog.isTaskPath(task)) return { task, template, data: 'files', prompt, candidates, label, testFile };
  return { task, template, data, prompt: null, candidates: null, label: null, testFile: null };
}

/** What training decides nothing about. */
async function sharedSettings(axes: Axes, options: Options, grid: Grid, catalog: Catalog) {
  const size = await catalog.modelSize(axes.model, axes.scheme);
  const { kind } = size;
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
