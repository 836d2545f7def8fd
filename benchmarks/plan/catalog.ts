import type { ParameterPlace } from '../../engine/index.js';
import type { ReportDownload } from '../../models/index.js';
import type { OptimizerTraits } from '../../optimizers/index.js';
import type { ModelSize } from './estimate.js';
import type { TunedHyperparameters } from './hyperparameters.js';
import type { Peak, JudgedItems } from '../../memory/index.js';
import type { PlannedData, DataChoice } from '../../cell/index.js';
import type { CellSettings, Inputs } from '../../records/index.js';
import type { AskedSizes, ModelKind, Sizes, TaskChoice } from '../../tasks/index.js';

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
  /** @throws InputError where a model that is on this machine has not all the tensors that it needs under a scheme, or no tokenizer. */
  checkModel(model: string, scheme: string): void;
  /** @throws InputError with file and line where a model has no row for a token that an item spells out. */
  checkTexts(model: string, choice: TaskChoice, size: ModelSize): Promise<void>;
  /**
   * Loads schemes and tasks that are given as files of the user's own code, each tried in a process of its own before.
   * @throws UsageError in one line where one does not load, also where it ends the process or never ends itself.
   */
  prepare(schemes: readonly string[], tasks: readonly string[]): Promise<void>;
  /** The name that a task in a file of the user's own code gives itself. @throws UsageError */
  ownTaskId(file: string): Promise<string>;
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
