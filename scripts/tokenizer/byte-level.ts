import { countPieces, learnMerges, mergedToken } from './merges.js';
import { addedTokens, startWith, type TokenizerJson, vocabulary } from './tokenizer-json.js';

/** OPT's special tokens, in the order of their ids. */
export const OPT_SPECIALS = ['<s>', '<pad>', '</s>', '<unk>'] as const;

/** GPT-2's pre-tokenizer: where words begin (Radford et al. 2019, encoder.py). */
const PIECE = /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+/gu;

/** GPT-2's printable stand-in for each byte: itself where it is printable Latin-1, else the next character from U+0100 on. */
const BYTE_CHARACTERS = byteCharacters();

/**
 * Trains a byte-level BPE tokenizer as OPT uses it: no prefix space, `</s>` before each text.
 * @param vocabSize tokens in all: specials, 256 bytes, merges.
 * @throws if vocabSize leaves no room for the bytes, or the text gives too few merges.
 */
export function trainByteLevelBpe(texts: Iterable<string>, vocabSize: number, specials: readonly string[] = OPT_SPECIALS): TokenizerJson {
  const base = [...specials, ...BYTE_CHARACTERS];
  if (vocabSize < base.length) throw new Error(`vocabSize ${vocabSize}: give at least ${base.length}, the specials and the bytes`);
  const merges = learnMerges(countPieces(texts, byteLevelPieces), vocabSize - base.length);
  const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true } as const;
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: addedTokens(specials),
    normalizer: null,
    pre_tokenizer: byteLevel,
    post_processor: startWith('</s>', specials),
    decoder: byteLevel,
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: '<unk>',
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      vocab: vocabulary([...base, ...merges.map(mergedToken)]),
      merges,
    },
  };
}

function byteLevelPieces(text: string): string[] {
  return (text.match(PIECE) ?? []).map((piece) => Array.from(Buffer.from(piece, 'utf8'), (byte) => BYTE_CHARACTERS[byte]).join(''));
}

function byteCharacters(): string[] {
  let next = 0x100;
  return Array.from({ length: 256 }, (_, byte) => {
    const printable = (byte > 0x20 && byte < 0x7f) || (byte > 0xa0 && byte !== 0xad);
    return String.fromCodePoint(printable ? byte : next++);
  });
}
