import { InputError } from '../engine/index.js';
import { loadTokenizer, modelFolder, type Tokenizer } from '../models/index.js';

const loaded = new Map<string, Tokenizer>();

/** A model's tokenizer, loaded once. @throws InputError where the model is not on this machine, or its tokenizer is none. */
export function requiredTokenizer(model: string): Tokenizer {
  const tokenizer = loaded.get(model) ?? loadTokenizer(modelFolder(model));
  loaded.set(model, tokenizer);
  return tokenizer;
}

/** The same for a plan: undefined where there is none. */
export function loadedTokenizer(model: string): Tokenizer | undefined {
  try {
    return requiredTokenizer(model);
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}
