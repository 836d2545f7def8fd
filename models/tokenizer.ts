import { Tokenizer as LibraryTokenizer } from '@huggingface/tokenizers';
import { InputError } from '../engine/errors.js';
import { tokenizerFolder } from './locate.js';
import type { LanguageModel } from './model.js';
import { referenceDecoder } from './tokenizer-decoder.js';
import { isBundled, readTokenizerFiles, tokenizerBytes } from './tokenizer-files.js';
import { type TokenizerFiles } from './tokenizer-definition.js';
import type { Tokenizer } from './tokenizer-interface.js';
import { limitedTokenizer } from './tokenizer-limits.js';
import { checkedModel } from './tokenizer-model.js';
import { textEncoder } from './tokenizer-encoder.js';
import type { AddedToken } from './tokenizer-special.js';
import { aroundText } from './tokenizer-template.js';
import { type Around } from './tokenizer-interface.js';

/** What to pad with: hidden by the attention bias, so any row of the embedding does where there is none for the tokenizer's own. */
export function paddingId({ padId }: Tokenizer, { architecture }: Pick<LanguageModel, 'architecture'>): number {
  return padId !== undefined && padId < architecture.dimensions.vocabularySize ? padId : 0;
}

/**
 * Loads the tokenizer of a model's folder, or of an adapter's base: tokenizer.json, SentencePiece's tokenizer.model, or OPT's or RoBERTa's vocab.json with merges.txt.
 * All but zobench's own work within limits of time.
 * @throws InputError where there is none or it is broken.
 */
export function loadTokenizer(folder: string): Tokenizer {
  const its = tokenizerFolder(folder);
  return isBundled(its) ? openTokenizer(its) : limitedTokenizer(its, tokenizerBytes(its), () => openTokenizer(its));
}

/**
 * The same without limits.
 * @throws InputError
 */
export function openTokenizer(folder: string): Tokenizer {
  const files = readTokenizerFiles(folder);
  const around = aroundText(files);
  return usable(files, () => tokenizerOf(files, around));
}

function usable<T>({ source }: TokenizerFiles, make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw new InputError(`${source} is no tokenizer that can be used: ${error instanceof Error ? error.message : ''}`);
  }
}

/** The models and decoders are the library's; what comes before the model follows the reference, which the library does not. */
function tokenizerOf({ definition, roles }: TokenizerFiles, around: Around): Tokenizer {
  const model = checkedModel(definition.model);
  const parts = { added_tokens: [], normalizer: null, pre_tokenizer: null, post_processor: null };
  // tokenizer_config.json would switch on the library's own additions, which the reference does not have.
  const library = new LibraryTokenizer({ ...definition, ...parts, model }, {});
  const { tokens_to_ids: vocabulary } = library.model;
  const added = definition.added_tokens.map((token) => ({ ...token, id: vocabulary.get(token.content) ?? token.id }));
  const addedIds = new Map(added.map(({ content, id }) => [content, id]));
  const contents = new Map(added.map(({ content, id }) => [id, content]));
  const idOf = (token: string) => addedIds.get(token) ?? vocabulary.get(token);
  const tokenOf = (id: number) => contents.get(id) ?? library.id_to_token(id);
  const roleId = (candidates: readonly (string | number)[]) =>
    candidates
      .map((candidate) => (typeof candidate === 'string' ? idOf(candidate) : candidate))
      .find((id) => id !== undefined && tokenOf(id) !== undefined);
  const encoder = textEncoder(definition, library, model, added);
  return {
    encode: (text, { specialTokens = true } = {}) => {
      const ids = encoder.encode(text);
      return specialTokens ? [...around.before, ...ids, ...around.after] : ids;
    },
    around,
    addedTokens: added,
    decode: decoderOf(library, added, (id) => encoder.spellings.get(id) ?? tokenOf(id)),
    vocabularySize: [...vocabulary.values(), ...addedIds.values()].reduce((size, id) => Math.max(size, id + 1), 0),
    tokenId: idOf,
    bosId: roleId(roles.bos),
    eosId: roleId(roles.eos),
    padId: roleId(roles.pad),
  };
}

function decoderOf(
  library: LibraryTokenizer,
  added: readonly AddedToken[],
  spellingOf: (id: number) => string | undefined,
): Tokenizer['decode'] {
  const decoder = referenceDecoder(library.decoder);
  if (decoder) decoder.added_tokens = added;
  const special = new Set(added.filter((token) => token.special).map(({ id }) => id));
  return (ids, { specialTokens = true } = {}) => {
    const tokens = ids
      .filter((id) => specialTokens || !special.has(id))
      .map(spellingOf)
      .filter((token) => token !== undefined);
    return decoder?.decode(tokens) ?? tokens.join(' ');
  };
}
