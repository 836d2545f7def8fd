import { InputError } from '../engine/index.js';
import { loadTokenizer, modelFolder, type Tokenizer } from '../models/index.js';

const loaded = new Map<string, Tokenizer | undefined>();

/** A model's tokenizer, loaded once; undefined for a model that is not on this machine. */
export function loadedTokenizer(model: string): Tokenizer | undefined {
  if (!loaded.has(model)) loaded.set(model, load(model));
  return loaded.get(model);
}

function load(model: string): Tokenizer | undefined {
  try {
    return loadTokenizer(modelFolder(model));
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}
