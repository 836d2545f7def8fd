import { isOwnCode } from '../../own-code/index.js';
import { realpathSync, statSync } from 'node:fs';
import { InputError, UnfitError, UsageError } from '../../engine/index.js';
import { bundledModelFolder, bundledModelIds, fetchModel, isBundledModel } from '../../models/index.js';
import { optimizerIds, resolveOptimizer, type Optimizer } from '../../optimizers/index.js';
import { loadOwnSchemes, schemeIds, schemeNamed, trainedSchemeNamed, type Scheme } from '../../schemes/index.js';
import { isTaskPath, taskIds, taskOf } from '../../tasks/index.js';
import { checkScheme, schemeCheckBy } from './scheme-check.js';
import { checkModel, checkModelToPlan } from './model-check.js';
import { checkTexts } from './text-check.js';
import { cellSizes, sizesBy } from './split-sizes.js';
import type { Catalog } from './catalog.js';
import { modelSize, type ModelSize } from './estimate.js';
import { plannedInputs, plannedData, taskDataOrUsual } from '../../cell/index.js';
import { nameOfFolder } from './names.js';
import { peakPredictor } from '../../memory/index.js';
import { defaultHyperparameters } from './hyperparameters.js';
import { ownOptimizers } from './own-optimizers.js';

/** Models' sizes, by name and scheme: all cells of a run ask for them. */
const sizes = new Map<string, Promise<ModelSize>>();

function knownSize(name: string, scheme: string): Promise<ModelSize> {
  const key = JSON.stringify([name, scheme]);
  const known = sizes.get(key) ?? modelSize(name, scheme);
  sizes.set(key, known);
  return known;
}

function modelName(nameOrFolder: string): string {
  if (isBundledModel(nameOrFolder) || !statSync(nameOrFolder, { throwIfNoEntry: false })?.isDirectory()) return nameOrFolder;
  const name = nameOfFolder(nameOrFolder);
  if (!isBundledModel(name) || realpathSync(nameOrFolder) === realpathSync(bundledModelFolder(name))) return name;
  throw new UsageError(`--model ${nameOrFolder}: ${name} is the name of a model of zobench: rename the folder`);
}

/** A task in code says itself how it is asked. */
const NO_PROMPT = { prompt: null, candidates: null, label: null, testFile: null };
const own = ownOptimizers();
const predictPeak = peakPredictor();

/** Files of the user's own are never imported here: they may loop, end the process or hold it. */
const traitsOf: Catalog['resolveOptimizer'] = (name, trained) => (isOwnCode(name) ? own.traits(name, trained) : resolveOptimizer(name));

/**
 * An optimizer, to be run in this process; a file of the user's own is tried in a process of its own before.
 * @throws UsageError in one line where it does not load there, also where it ends the process or never ends itself.
 */
export async function triedOptimizer(name: string): Promise<Optimizer> {
  await traitsOf(name);
  return resolveOptimizer(name);
}

/** Schemes and tasks have to be in this process: they say what a model is made of, and read the data. */
async function prepare(schemes: readonly string[], tasks: readonly string[] = []): Promise<void> {
  for (const file of schemes.filter(isOwnCode)) await own.tried('scheme', file);
  for (const file of tasks.filter(isOwnCode)) await own.tried('task', file);
  await loadOwnSchemes(schemes);
}

/**
 * A scheme that an optimizer trains, to be used in this process; a file of the user's own is tried in a process of its own before.
 * @throws UsageError as `trainedSchemeNamed`, and in one line where the file does not load.
 */
export async function triedScheme(name: string): Promise<Scheme> {
  await prepare([name]);
  return trainedSchemeNamed(name);
}

/** What zobench has. */
export const catalog: Catalog = {
  optimizers: optimizerIds,
  schemes: schemeIds,
  tasks: taskIds,
  models: bundledModelIds,
  isTaskPath,
  prepare,
  ownTaskId: async (file) => (await taskOf(file, NO_PROMPT)).id,
  isOptimizerPath: isOwnCode,
  resolveOptimizer: traitsOf,
  modelSize: knownSize,
  defaultHyperparameters: (cell) => defaultHyperparameters(cell, traitsOf),
  checkModel,
  checkScheme,
  checkTexts,
  splitSizes: cellSizes,
  overlap: async (choice, kind) => (await taskDataOrUsual(choice, kind)).overlap,
  plannedData,
  modelName,
  inputsOf: plannedInputs,
  predictPeak: (settings, lengths) => (isOwnCode(settings.optimizer) ? own.peak : predictPeak)(settings, lengths),
  fetchModel: (name, report, schemes) =>
    fetchModel(
      name,
      report,
      schemes.map((scheme) => schemeNamed(scheme).adaptation(0)),
    ),
  canonicalScheme: (name) => schemeNamed(name).id,
  isTrainingFree: (scheme) => schemeNamed(scheme).trainingFree !== undefined,
};

/** The same for a plan: data need not be there, and cells of a model whose shapes cannot be had are left out. */
export const planningCatalog: Catalog = {
  ...catalog,
  splitSizes: sizesBy(taskDataOrUsual),
  checkModel: checkModelToPlan,
  checkScheme: schemeCheckBy(taskDataOrUsual),
  modelSize: async (name, scheme) => {
    try {
      return await knownSize(name, scheme);
    } catch (error) {
      throw error instanceof InputError ? new UnfitError(error.message) : error;
    }
  },
};
