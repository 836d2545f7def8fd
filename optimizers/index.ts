import { isOwnCode } from '../own-code/index.js';
import { unknownName, UsageError } from '../engine/index.js';
import { describeOptions, parseName, type OptionDescription } from '../options/index.js';
import { conmezo } from './conmezo.js';
import { foAdam } from './fo-adam.js';
import { foSgd } from './fo-sgd.js';
import { forwardGrad } from './forward-grad.js';
import { fzoo } from './fzoo.js';
import { hizoo } from './hizoo.js';
import { kerzoo } from './kerzoo.js';
import { lezo } from './lezo.js';
import { lozo } from './lozo.js';
import { meazo } from './meazo.js';
import { mezoSvrg } from './mezo-svrg.js';
import type { Optimizer } from './optimizer.js';
import { loadOwnOptimizer } from './own.js';
import type { OptimizerDefinition } from './parts/define.js';
import { rAdazo } from './r-adazo.js';
import { sparseMezo } from './sparse-mezo.js';
import { subzero } from './subzero.js';
import { zoAdam } from './zo-adam.js';
import { zoFoSgd } from './zo-fo-sgd.js';
import { zoMuon } from './zo-muon.js';
import { zoSgdBlock } from './zo-sgd-block.js';
import { zoSgdCons } from './zo-sgd-cons.js';
import { zoSgdMmt } from './zo-sgd-mmt.js';
import { zoSgdSign } from './zo-sgd-sign.js';
import { zoSgd } from './zo-sgd.js';

export type { Hyperparameters, Optimizer, OptimizerTraits, StepContext, StepCost } from './optimizer.js';
export { traitsSchema } from './own.js';

// What the files of this folder are made of, for optimizers of your own.
export * from './parts/adam.js';
export * from './parts/blocks.js';
export * from './parts/define.js';
export * from './parts/estimator.js';
export * from './parts/gradient-clipping.js';
export * from './parts/history.js';
export * from './parts/low-rank-momentum.js';
export * from './parts/masks.js';
export * from './parts/momentum.js';
export * from './parts/newton-schulz.js';
export * from './parts/scaling.js';
export * from './parts/settings.js';
export * from './parts/subspace.js';

/** In the order of the tables: first-order, forward-mode, ZO-Bench's, newer ones. */
const definitions: readonly OptimizerDefinition[] = [
  foSgd,
  foAdam,
  forwardGrad,
  zoSgd,
  zoSgdSign,
  zoSgdMmt,
  zoSgdCons,
  zoAdam,
  zoSgdBlock,
  zoFoSgd,
  mezoSvrg,
  sparseMezo,
  hizoo,
  lezo,
  fzoo,
  rAdazo,
  meazo,
  kerzoo,
  conmezo,
  lozo,
  subzero,
  zoMuon,
];

/** The optimizers that come with zobench. */
export const optimizerIds: readonly string[] = definitions.map(({ id }) => id);

const definitionOf = (id: string): OptimizerDefinition => {
  const known = definitions.find((definition) => definition.id === id);
  if (!known) throw unknownName('optimizer', id, optimizerIds);
  return known;
};

/** What the options of an optimizer are called on the command line, and what they say. Throws UsageError where there is no such optimizer. */
export const optimizerOptions = (id: string): readonly OptionDescription[] => describeOptions(definitionOf(id));

/**
 * The optimizer of that name, an id with options ("zo-sgd", "zo-sgd:q=4"), or the one that a file of the user's own exports.
 * @throws UsageError where there is none, or none with such options.
 */
export async function resolveOptimizer(name: string): Promise<Optimizer> {
  if (isOwnCode(name)) return withNameOfItsOwn(await loadOwnOptimizer(name), name);
  const { id, options } = parseName('optimizer', name);
  return definitionOf(id).create(options);
}

/** What stands for the optimizer where nothing is trained. */
const NONE = 'none';

/** Results are told apart by ids. */
function withNameOfItsOwn(own: Optimizer, file: string): Optimizer {
  const { id } = parseName('optimizer', own.id);
  if (![...optimizerIds, NONE].includes(id)) return own;
  throw new UsageError(`optimizer file ${file}: its id ${own.id} is one of zobench's: give it another`);
}
