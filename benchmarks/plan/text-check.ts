import { loadedTokenizer } from '../../cell/index.js';
import { NoDataError, openTask, refuseTokensWithoutRow, type TaskChoice } from '../../tasks/index.js';
import type { ModelSize } from './estimate.js';

/** By model and choice: many cells share them. */
const checks = new Map<string, Promise<void>>();

/**
 * Whether a model has a row for every added token that the items spell out, as far as tokenizer and data are on this machine.
 * @throws InputError with file and line of the first item that has one without.
 */
export function checkTexts(model: string, choice: TaskChoice, size: ModelSize): Promise<void> {
  const key = JSON.stringify([model, choice]);
  const known = checks.get(key) ?? check(model, choice, size);
  checks.set(key, known);
  return known;
}

async function check(model: string, choice: TaskChoice, size: ModelSize): Promise<void> {
  const tokenizer = loadedTokenizer(model);
  if (!tokenizer?.addedTokens.some(({ id }) => id >= size.vocabularySize)) return;
  try {
    const { source } = await openTask(choice, size.kind);
    refuseTokensWithoutRow(tokenizer, [...source.train, ...source.test], size);
  } catch (error) {
    // A plan may do without the data.
    if (!(error instanceof NoDataError)) throw error;
  }
}
