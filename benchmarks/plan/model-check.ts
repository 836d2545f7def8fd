import { requiredTokenizer } from '../../cell/index.js';
import { InputError, UnfitError } from '../../engine/index.js';
import { hasWeights, modelFolder, openCheckpoint, requireWholeCheckpoint, wholeModelHere } from '../../models/index.js';
import { schemeNamed } from '../../schemes/index.js';

/** What came of checking a model under a scheme: many cells share it, and a broken tokenizer may take its whole time limit. */
const checked = new Map<string, InputError | undefined>();

/**
 * Whether a model that is on this machine has all that a cell will read: its tensors, by what the files say of them, and a tokenizer.
 * @throws InputError where it has not.
 */
export function checkModel(model: string, scheme: string): void {
  const key = JSON.stringify([model, scheme]);
  if (!checked.has(key)) {
    if (wholeModelHere(model) === undefined) return;
    checked.set(key, faultOf(model, scheme));
  }
  const fault = checked.get(key);
  if (fault) throw fault;
}

function faultOf(model: string, scheme: string): InputError | undefined {
  try {
    requireWholeCheckpoint(openCheckpoint(modelFolder(model)), schemeNamed(scheme).adaptation(0));
    requiredTokenizer(model);
    return undefined;
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
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
