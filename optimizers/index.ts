import { unknownName } from '../engine/index.js';
import { foAdam } from './fo-adam.js';
import { foSgd } from './fo-sgd.js';
import { forwardGrad } from './forward-grad.js';
import type { Optimizer } from './optimizer.js';
import { isOptimizerPath, loadOwnOptimizer } from './own.js';
import { zoSgd } from './zo-sgd.js';

export type { Hyperparameters, Optimizer, StepContext, StepCost } from './optimizer.js';
export { isOptimizerPath } from './own.js';

const registry: ReadonlyMap<string, Optimizer> = new Map(
  [zoSgd, forwardGrad, foSgd, foAdam].map((optimizer) => [optimizer.id, optimizer as Optimizer]),
);

/** The optimizers that come with zobench. */
export const optimizerIds: readonly string[] = [...registry.keys()];

/**
 * The optimizer of that id, or the one that a file of the user's own exports.
 * @throws UsageError where there is none.
 */
export async function resolveOptimizer(name: string): Promise<Optimizer> {
  if (isOptimizerPath(name)) return loadOwnOptimizer(name);
  const known = registry.get(name);
  if (!known) throw unknownName('optimizer', name, optimizerIds);
  return known;
}
