import { existsSync } from 'node:fs';
import { extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { UsageError, unknownName } from '../engine/index.js';
import { foAdam } from './fo-adam.js';
import { foSgd } from './fo-sgd.js';
import { forwardGrad } from './forward-grad.js';
import type { Optimizer } from './optimizer.js';
import { zoSgd } from './zo-sgd.js';

export type { Hyperparameters, Optimizer, StepContext, StepCost } from './optimizer.js';

const registry: ReadonlyMap<string, Optimizer> = new Map(
  [zoSgd, forwardGrad, foSgd, foAdam].map((optimizer) => [optimizer.id, optimizer as Optimizer]),
);

/** The optimizers that come with zobench. */
export const optimizerIds: readonly string[] = [...registry.keys()];

const SOURCES = ['.ts', '.mts', '.js', '.mjs'];

/** Whether a name on the command line is a file of the user's own. */
export const isOptimizerPath = (name: string): boolean => SOURCES.includes(extname(name));

/**
 * The optimizer of that id, or the one a file exports: by default, or else as any object that is one.
 * A TypeScript file needs a loader in the process (the runner starts its workers with one).
 * @throws UsageError where there is none.
 */
export async function resolveOptimizer(name: string): Promise<Optimizer> {
  if (!isOptimizerPath(name)) {
    const known = registry.get(name);
    if (!known) throw unknownName('optimizer', name, optimizerIds);
    return known;
  }
  const file = resolve(name);
  if (!existsSync(file)) throw new UsageError(`optimizer file ${name} does not exist`);
  const exported = await importFile(file, name);
  const found = [exported.default, ...Object.values(exported)].find(isOptimizer);
  if (!found) {
    const members = 'id, order, cost, defaults, stateArrays, init and step';
    throw new UsageError(`${name} exports no optimizer: an object with ${members} (see README, "Your own optimizer")`);
  }
  return found;
}

async function importFile(file: string, name: string): Promise<Record<string, unknown>> {
  try {
    return (await import(pathToFileURL(file).href)) as Record<string, unknown>;
  } catch (error) {
    throw new UsageError(`optimizer file ${name} cannot be loaded: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function isOptimizer(value: unknown): value is Optimizer {
  if (typeof value !== 'object' || value === null) return false;
  const { id, order, cost, defaults, stateArrays, init, step } = value as Partial<Record<keyof Optimizer, unknown>>;
  return (
    typeof id === 'string' &&
    typeof order === 'string' &&
    typeof cost === 'object' &&
    typeof defaults === 'object' &&
    typeof stateArrays === 'number' &&
    typeof init === 'function' &&
    typeof step === 'function'
  );
}
