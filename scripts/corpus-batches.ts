import { deriveSeed, InputError, uniforms } from '../engine/index.js';
import { paddingId, type LanguageModel, type Tokenizer } from '../models/index.js';
import { languageModelBatch, maskedLanguageModelBatch, tokenMasker, type Batch, type TokenMasker } from '../tasks/index.js';

const MASK = '<mask>';
/** Sets the masks' random numbers apart from the others of a run. */
const MASKS = 1;

/** A corpus and what a masked language model is asked for most in it. */
export interface Corpus {
  readonly texts: Iterable<string>;
  /** Words as they stand in a text, behind a space; each is one token. */
  readonly salientWords: readonly string[];
}

/** Texts as batches of `perBatch`, to predict the next token or, where the model looks ahead, masked ones, drawn from the seed. */
export function* corpusBatches(
  model: LanguageModel,
  tokenizer: Tokenizer,
  { texts, salientWords }: Corpus,
  perBatch: number,
  seed: number,
): Generator<Batch, void> {
  const makeBatch = batchMaker(model, tokenizer, salientWords, seed);
  let batch: number[][] = [];
  for (const text of texts) {
    batch.push(ended(tokenizer.encode(text), tokenizer.eosId));
    if (batch.length < perBatch) continue;
    yield makeBatch(batch);
    batch = [];
  }
}

/** Some tokenizers end a text themselves. */
const ended = (text: number[], end: number | undefined): number[] => (end === undefined || text.at(-1) === end ? text : [...text, end]);

function batchMaker(
  model: LanguageModel,
  tokenizer: Tokenizer,
  salientWords: readonly string[],
  seed: number,
): (texts: readonly (readonly number[])[]) => Batch {
  const padId = paddingId(tokenizer, model);
  if (!model.architecture.attends(-1)) return (texts) => languageModelBatch(model, texts, padId);
  const mask = maskerOf(tokenizer, salientWords);
  const uniform = uniforms(deriveSeed(seed, MASKS));
  return (texts) => {
    const masked = texts.map((text) => mask(text, uniform));
    return maskedLanguageModelBatch(model, masked, padId);
  };
}

/** @throws InputError where the tokenizer has no mask, or no token for a salient word. */
function maskerOf(tokenizer: Tokenizer, salientWords: readonly string[]): TokenMasker {
  const maskId = tokenizer.tokenId(MASK);
  if (maskId === undefined) throw new InputError(`the tokenizer has no ${MASK}, which a masked language model needs`);
  const special = new Set([maskId, tokenizer.bosId, tokenizer.eosId, tokenizer.padId, tokenizer.tokenId('<unk>')]);
  const ids = Array.from({ length: tokenizer.vocabularySize }, (_, id) => id);
  return tokenMasker(
    maskId,
    ids.filter((id) => !special.has(id)),
    salientWords.map((word) => tokenOf(tokenizer, word)),
  );
}

function tokenOf(tokenizer: Tokenizer, word: string): number {
  const [token, ...more] = tokenizer.encode(` ${word}`, { specialTokens: false });
  if (token === undefined || more.length > 0) throw new InputError(`the tokenizer has no token of its own for the salient word "${word}"`);
  return token;
}
