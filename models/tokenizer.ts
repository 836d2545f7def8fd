import { Tokenizer as LibraryTokenizer } from '@huggingface/tokenizers';
import { InputError } from '../engine/errors.js';
import { tokenizerFolder } from './locate.js';
import type { LanguageModel } from './model.js';
import { isBundled, readTokenizerFiles, tokenizerBytes, type TokenizerFiles } from './tokenizer-files.js';
import { limitedTokenizer } from './tokenizer-limits.js';
import { followReference, normalizedSpellings } from './tokenizer-reference.js';
import { aroundText, type Around } from './tokenizer-template.js';

/** Whether special tokens take part; they do unless this says false. */
export interface SpecialTokenOptions {
  readonly specialTokens?: boolean;
}

/**
 * Text to token ids and back, equal to Hugging Face's tokenizers (Rust, 0.23) but for two oddities: special tokens that are
 * looked for in normalized text can be left out of the decoded text too, and U+0085 before RoBERTa's "<mask>" stays.
 */
export interface Tokenizer {
  /** With special tokens: what the model's template puts around a text. Those spelled out in the text count always. */
  encode(text: string, options?: SpecialTokenOptions): number[];
  /** No space before punctuation is cleaned up. Ids without a token (of a padded vocabulary) are left out. */
  decode(ids: readonly number[], options?: SpecialTokenOptions): string;
  /** All ids are below this number. */
  readonly vocabularySize: number;
  tokenId(token: string): number | undefined;
  readonly bosId: number | undefined;
  readonly eosId: number | undefined;
  readonly padId: number | undefined;
  /** What the model's template puts around a text. */
  readonly around: Around;
  /** Tokens that are recognised in a text as a whole. */
  readonly addedTokens: readonly { readonly id: number; readonly content: string }[];
}

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
  const library = construct(files);
  const around = aroundText(files);
  const roleId = (candidates: readonly (string | number)[]) => firstId(library, candidates);
  return {
    encode: (text, { specialTokens = true } = {}) => {
      const { ids } = library.encode(text, { add_special_tokens: false });
      return specialTokens ? [...around.before, ...ids, ...around.after] : ids;
    },
    around,
    addedTokens: [...library.get_added_tokens_decoder().values()],
    decode: decoderOf(library),
    vocabularySize: [...library.get_vocab().values()].reduce((size, id) => Math.max(size, id + 1), 0),
    tokenId: (token) => library.token_to_id(token),
    bosId: roleId(files.roles.bos),
    eosId: roleId(files.roles.eos),
    padId: roleId(files.roles.pad),
  };
}

function construct({ source, definition }: TokenizerFiles): LibraryTokenizer {
  try {
    // tokenizer_config.json would switch on the library's own additions, which the reference does not have.
    const library = new LibraryTokenizer(definition, {});
    followReference(library);
    return library;
  } catch (error) {
    throw new InputError(`${source} is no tokenizer that can be used: ${error instanceof Error ? error.message : ''}`);
  }
}

function decoderOf(library: LibraryTokenizer): Tokenizer['decode'] {
  const spellings = normalizedSpellings(library);
  const added = library.get_added_tokens_decoder();
  const isKept = (id: number, specialTokens: boolean) => specialTokens || !added.get(id)?.special;
  return (ids, { specialTokens = true } = {}) => {
    const tokens = ids
      .filter((id) => isKept(id, specialTokens))
      .map((id) => spellings.get(id) ?? library.id_to_token(id))
      .filter((token) => token !== undefined);
    return library.decoder?.decode(tokens) ?? tokens.join(' ');
  };
}

function firstId(library: LibraryTokenizer, candidates: readonly (string | number)[]): number | undefined {
  const ids = candidates.map((candidate) => (typeof candidate === 'string' ? library.token_to_id(candidate) : candidate));
  return ids.find((id) => id !== undefined && library.id_to_token(id) !== undefined);
}
