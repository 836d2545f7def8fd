import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname } from 'node:path';
import { unknownName, UsageError } from '../engine/errors.js';
import type { Optimizer } from '../optimizers/index.js';
import type { Options } from './arguments.js';
import { forwardsPerStep, type ModelSize } from './estimate.js';
import type { ReportDownload } from '../models/index.js';
import { defaultGrid, type Grid, grids } from './grids.js';
import type { TunedHyperparameters } from './hyperparameters.js';
import type { CellSettings } from '../reports/index.js';
import type { AskedSizes, ModelKind, Sizes, TaskChoice } from '../tasks/index.js';

/** One run of the grid, in a process of its own. */
export interface Cell {
  /** Hash of the settings; names the record's file. */
  readonly id: string;
  readonly settings: CellSettings;
}

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
  /** Whether an optimizer is given as a file of the user's own rather than by name. */
  isOptimizerPath(name: string): boolean;
  /** @throws UsageError for a name that is neither built in nor a file that exports an optimizer. */
  resolveOptimizer(nameOrPath: string): Promise<OptimizerTraits>;
  /**
   * Of a model by name, folder or id on the Hugging Face hub, under a scheme; no weights are fetched.
   * @throws UsageError, InputError where there is none.
   */
  modelSize(name: string, scheme: string): Promise<ModelSize>;
  /**
   * How many items a cell draws: those asked for, or the grid's and the task's as far as the data go.
   * @throws UsageError, InputError where the task has no such prompt, or its data are not there or too few.
   */
  splitSizes(choice: TaskChoice, kind: ModelKind, asked: AskedSizes, grid: Sizes): Promise<Sizes>;
  /**
   * Fetches a model that is not on this machine, to be trained under these schemes.
   * @throws InputError where that cannot be.
   */
  fetchModel(name: string, report: ReportDownload, schemes: readonly string[]): Promise<unknown>;
  defaultHyperparameters(cell: Pick<CellSettings, 'model' | 'task' | 'scheme' | 'optimizer'>): Promise<TunedHyperparameters>;
}

type Axes = Pick<CellSettings, 'model' | 'task' | 'template' | 'scheme' | 'optimizer' | 'seed'>;

/**
 * The cells that options ask for: the cross product of the axes, models outermost, seeds innermost.
 * @throws UsageError for a name that does not exist.
 */
export async function planCells(options: Options, catalog: Catalog): Promise<Cell[]> {
  const grid = gridOf(options);
  checkData(options.data);
  if (options.steps !== undefined && options.forwards !== undefined) throw new UsageError('--steps and --forwards: give one of them');
  const cells: Cell[] = [];
  const all = axesOf(options, grid, catalog);
  // Before anything runs: does every model exist, and has it what every scheme asks for?
  for (const model of all.models) for (const scheme of all.schemes) await catalog.modelSize(model, scheme);
  for (const axes of crossProduct(all)) {
    const optimizer = await catalog.resolveOptimizer(axes.optimizer);
    checkObjective(options.objective, optimizer);
    const name = catalog.isOptimizerPath(axes.optimizer) ? axes.optimizer : optimizer.id;
    const settings = await cellSettings({ ...axes, optimizer: name }, optimizer, options, grid, catalog);
    checkMicroBatches(settings);
    cells.push({ id: cellId(settings), settings });
  }
  return cells;
}

const NOT_HASHED: readonly string[] = ['threads', 'stream', 'timeoutSeconds'] satisfies (keyof CellSettings)[];

/** First 16 hex digits of the SHA-256 of the settings that can change a result: not threads, where weights are kept or the time limit. */
export function cellId(settings: CellSettings): string {
  const decisive = Object.entries(settings).filter(([name]) => !NOT_HASHED.includes(name));
  const canonical = Object.fromEntries(decisive.sort(([a], [b]) => (a < b ? -1 : 1)));
  return createHash('sha256').update(JSON.stringify(canonical)).digest('hex').slice(0, 16);
}

/** "opt-mini sst2 lora zo-sgd seed 0"; the template is named where it is not the usual one. */
export function cellTitle({ model, task, template, scheme, optimizer, seed }: CellSettings): string {
  return `${model} ${task}${template === 'aligned' ? '' : ` ${template}`} ${scheme} ${optimizer} seed ${seed}`;
}

function gridOf({ grid }: Options): Grid {
  if (grid === undefined) return defaultGrid;
  const known = Object.keys(grids);
  const found = known.includes(grid) ? grids[grid] : undefined;
  if (!found) throw unknownName('grid', grid, known);
  return found;
}

function checkData(data: string | undefined): void {
  if (data === undefined || data === 'embedded') return;
  if (!statSync(data, { throwIfNoEntry: false })?.isDirectory()) {
    throw new UsageError(`--data ${data}: no such folder (give embedded, or a folder with the tasks' files)`);
  }
}

function checkObjective(objective: Options['objective'], { id, order, cost }: OptimizerTraits): void {
  if (objective === undefined || objective === 'cross-entropy') return;
  if (order === 'zeroth' && cost.backwards === 0) return;
  throw new UsageError(`--objective ${objective} has no derivative, which ${id} needs: give zeroth-order optimizers with --optimizer`);
}

function checkMicroBatches({ accumulate, batchSize }: CellSettings): void {
  if (accumulate <= batchSize) return;
  throw new UsageError(`--accumulate ${accumulate}: a step has ${batchSize} examples, no more micro-batches can be made of them`);
}

function axesOf(options: Options, grid: Grid, catalog: Catalog) {
  return {
    models: options.model ?? grid.models,
    tasks: tasksOf(options, grid, catalog),
    templates: options.template ?? grid.templates,
    schemes: schemesOf(options.scheme ?? grid.schemes, catalog),
    optimizers: options.optimizer ?? (grid.optimizers === 'all' ? catalog.optimizers : grid.optimizers),
    seeds: options.seeds ?? grid.seeds,
  };
}

function tasksOf({ task = [], prompt, candidates, label, testFile }: Options, grid: Grid, catalog: Catalog): readonly string[] {
  const own = task.filter((name) => catalog.isTaskPath(name));
  const [option] = Object.entries({ prompt, candidates, label, 'test-file': testFile }).find(([, value]) => value !== undefined) ?? [];
  if (own.length === 0 && option !== undefined) throw new UsageError(`--${option} is for a task of your own: --task ./mine.jsonl`);
  return task.length > 0 ? known('task', task, [...catalog.tasks, ...own]) : grid.tasks;
}

function schemesOf(asked: readonly string[] | 'all', catalog: Catalog): readonly string[] {
  return asked === 'all' ? catalog.schemes : asked.map((name) => catalog.canonicalScheme(name));
}

function known(kind: string, asked: readonly string[], valid: readonly string[]): readonly string[] {
  const wrong = asked.find((name) => !valid.includes(name));
  if (wrong !== undefined) throw unknownName(kind, wrong, valid);
  return asked;
}

function* crossProduct({ models, tasks, templates, schemes, optimizers, seeds }: ReturnType<typeof axesOf>): Generator<Axes> {
  for (const model of models) {
    for (const task of tasks) {
      for (const template of templates) {
        for (const scheme of schemes) {
          for (const optimizer of optimizers) {
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
  if (catalog.isTaskPath(task)) return { task, template, data: `${dirname(task)}/`, prompt, candidates, label, testFile };
  return { task, template, data, prompt: null, candidates: null, label: null, testFile: null };
}

async function cellSettings(axes: Axes, optimizer: OptimizerTraits, options: Options, grid: Grid, catalog: Catalog): Promise<CellSettings> {
  const defaults = await catalog.defaultHyperparameters(axes);
  const { kind, trained } = await catalog.modelSize(axes.model, axes.scheme);
  const choice = taskChoice(axes, options, catalog);
  const sizes = {
    batchSize: options.batchSize ?? defaults.batchSize,
    ...(await catalog.splitSizes(choice, kind, options, grid)),
  };
  // At least one, whatever it costs.
  const paidFor = Math.max(1, Math.floor((options.forwards ?? grid.forwards) / forwardsPerStep(optimizer.cost, trained, sizes)));
  const steps = options.steps ?? (optimizer.order === 'first' ? grid.firstOrderSteps : paidFor);
  return {
    ...axes,
    ...sizes,
    ...choice,
    perClass: options.perClass ?? null,
    steps,
    accumulate: options.accumulate ?? 1,
    objective: options.objective ?? 'cross-entropy',
    learningRate: options.learningRate ?? defaults.learningRate,
    schedule: options.schedule ?? 'constant',
    warmup: options.warmup ?? 0,
    weightDecay: options.weightDecay ?? 0,
    epsilon: optimizer.defaults.epsilon !== undefined ? (options.epsilon ?? defaults.epsilon) : null,
    evaluateEvery: Math.ceil(steps / grid.evaluations),
    ...(options.stream && { stream: options.stream }),
    threads: options.threads ?? Math.max(1, Math.floor(availableParallelism() / (options.jobs ?? 1))),
    timeoutSeconds: options.timeout ?? grid.timeoutSeconds,
  };
}
