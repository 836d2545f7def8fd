import { trainByteLevelBpe } from './byte-level.js';
import { addedToken, type TokenizerJson } from './tokenizer-json.js';

/** RoBERTa's special tokens with the first ids, in order; the mask has the last. */
export const ROBERTA_SPECIALS = ['<s>', '<pad>', '</s>', '<unk>'] as const;
const MASK = '<mask>';

/**
 * Trains a byte-level BPE tokenizer as RoBERTa uses it: `<s>` before and `</s>` after each text, and a `<mask>` that takes the
 * space before it along.
 * @param vocabSize tokens in all: specials, 256 bytes, merges, mask.
 * @throws if vocabSize leaves no room for the bytes, or the text gives too few merges.
 */
export function trainRobertaBpe(texts: Iterable<string>, vocabSize: number): TokenizerJson {
  const maskId = vocabSize - 1;
  const json = trainByteLevelBpe(texts, maskId, ROBERTA_SPECIALS);
  const idOf = (special: (typeof ROBERTA_SPECIALS)[number]): number => ROBERTA_SPECIALS.indexOf(special);
  return {
    ...json,
    added_tokens: [...json.added_tokens, { ...addedToken(MASK, maskId), lstrip: true }],
    post_processor: {
      type: 'RobertaProcessing',
      sep: ['</s>', idOf('</s>')],
      cls: ['<s>', idOf('<s>')],
      trim_offsets: true,
      add_prefix_space: false,
    },
    model: { ...json.model, vocab: { ...json.model.vocab, [MASK]: maskId } },
  };
}
