import { InputError } from '../engine/index.js';
import type { LanguageModel } from '../models/index.js';
import { tokenBatch, type Batch } from './batch.js';
import type { MaskedText } from './masking.js';
import { Packing } from './packing.js';

/**
 * Texts as one batch of language modelling: every token but the first of each text is predicted; the loss is the mean over all.
 * @throws InputError for a model that looks ahead: it would read what it is to predict.
 */
export function languageModelBatch(model: LanguageModel, texts: readonly (readonly number[])[], padId: number): Batch {
  if (model.architecture.attends(-1)) throw new InputError('a model that looks ahead predicts masked tokens, not the next one');
  const { virtualTokens } = model.architecture;
  const packing = new Packing(texts.map((text) => virtualTokens.length + text.length - 1));
  const targets = texts.flatMap((text, tree) => {
    const read = packing.branch(tree, [...virtualTokens, ...text.slice(0, -1)], []).slice(virtualTokens.length);
    return text.slice(1).map((token, at) => ({ token, position: read[at] ?? 0 }));
  });
  return tokenBatch(model, packing, targets, padId);
}

/**
 * Texts as one batch of masked language modelling: what was chosen in each text is predicted, nothing else; the loss is the mean over all.
 * @throws InputError where no token is to be predicted, or for a model that does not look ahead.
 */
export function maskedLanguageModelBatch(model: LanguageModel, texts: readonly MaskedText[], padId: number): Batch {
  if (!model.architecture.attends(-1)) throw new InputError('a model that does not look ahead predicts the next token, not masked ones');
  const { virtualTokens } = model.architecture;
  const packing = new Packing(texts.map(({ tokens }) => virtualTokens.length + tokens.length));
  const targets = texts.flatMap(({ tokens, targets }, tree) => {
    const read = packing.branch(tree, [...virtualTokens, ...tokens], []).slice(virtualTokens.length);
    return targets.map(({ token, place }) => ({ token, position: read[place] ?? 0 }));
  });
  if (targets.length === 0) throw new InputError('no token of the batch is masked: give more or longer texts');
  return tokenBatch(model, packing, targets, padId);
}
