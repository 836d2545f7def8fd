import { requiredTokenizer } from '../../cell/index.js';
import { InputError, UnfitError } from '../../engine/index.js';
import { hasWeights, modelFolder, openCheckpoint, requireWholeCheckpoint, wholeModelHere } from '../../models/index.js';
import { schemeNamed } from '../../schemes/index.js';

/** By model and scheme: many cells share them. */
const whole = new Set<string>();

/**
 * Whether a model that is on this machine has all that a cell will read: its tensors, by what the files say of them, and a tokenizer.
 * @throws InputError where it has not.
 */
export function checkModel(model: string, scheme: string): void {
  const key = JSON.stringify([model, scheme]);
  if (whole.has(key) || wholeModelHere(model) === undefined) return;
  requireWholeCheckpoint(openCheckpoint(modelFolder(model)), schemeNamed(scheme).adaptation(0));
  requiredTokenizer(model);
  whole.add(key);
}

/** The same for a plan, for which a configuration is enough. @throws UnfitError where the weights that are there are no use. */
export function checkModelToPlan(model: string, scheme: string): void {
  const folder = wholeModelHere(model);
  if (folder === undefined || !hasWeights(folder)) return;
  try {
    checkModel(model, scheme);
  } catch (error) {
    throw error instanceof InputError ? new UnfitError(error.message) : error;
  }
}
