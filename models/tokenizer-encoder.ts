import type { Tokenizer as LibraryTokenizer } from '@huggingface/tokenizers';
import { InputError } from '../engine/errors.js';
import type { TokenizerDefinition } from './tokenizer-definition.js';
import { pieceEncoder } from './tokenizer-model.js';
import { normalizerOf, type Component, type Normalizer } from './tokenizer-normalizer.js';
import { asksForBeginning, preTokenizerOf, type PreTokenizer } from './tokenizer-pre-tokenizer.js';
import { sectioner } from './tokenizer-sections.js';
import type { AddedToken } from './tokenizer-special.js';

/** Makes ids of a whole text, without what a template puts around it. */
export interface TextEncoder {
  encode(text: string): number[];
  /**
   * How added tokens are spelled for the decoder, where that is not their content: the reference decodes one that was looked for in
   * normalized text as it reads there. (Llama's "</s>" is "▁</s>" and so brings its space along.)
   */
  readonly spellings: ReadonlyMap<number, string>;
}

/**
 * Encodes as the reference does: added tokens that stand as they are, the normalizer on what lies between, added tokens that are looked
 * for in normalized text, the pre-tokenizer, and the model on each piece.
 * @throws InputError naming a component that cannot be followed exactly.
 */
export function textEncoder(
  definition: TokenizerDefinition,
  library: LibraryTokenizer,
  model: Component,
  added: readonly AddedToken[],
): TextEncoder {
  const { normalize, mayCutBeginning } = definition.normalizer ? normalizerOf(definition.normalizer) : UNCHANGED;
  const preTokenize: PreTokenizer = definition.pre_tokenizer ? preTokenizerOf(definition.pre_tokenizer) : (piece) => [piece];
  if (mayCutBeginning && definition.pre_tokenizer && asksForBeginning(definition.pre_tokenizer)) {
    throw new InputError('Metaspace with prepend_scheme "first" cannot be followed behind a normalizer that may cut the beginning off');
  }
  const encodePiece = pieceEncoder(library, model);
  const normalized = added.filter((token) => token.normalized);
  const sectionsAsTheyAre = sectioner(
    added.filter((token) => !token.normalized),
    (content) => content,
  );
  const sectionsNormalized = sectioner(normalized, normalize);
  const idsOf = (text: string, isFirst: boolean): readonly number[] =>
    preTokenize({ text, isFirst }).flatMap((piece) => encodePiece(piece.text));
  return {
    encode: (whole) =>
      sectionsAsTheyAre(whole).flatMap((outer) => {
        if ('id' in outer) return [outer.id];
        const inner = sectionsNormalized(normalize(outer.text));
        return inner.flatMap((section) => ('id' in section ? [section.id] : idsOf(section.text, outer.start + section.start === 0)));
      }),
    spellings: new Map(normalized.map(({ id, content }) => [id, normalize(content)])),
  };
}

const UNCHANGED: Normalizer = { normalize: (text) => text, mayCutBeginning: false };
