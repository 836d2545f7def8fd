import { countPieces, learnMerges, mergedToken } from './merges.js';
import { addedTokens, type Component, startWith, type TokenizerJson, vocabulary } from './tokenizer-json.js';

/** LLaMA's special tokens, in the order of their ids. */
export const LLAMA_SPECIALS = ['<unk>', '<s>', '</s>'] as const;

const SPACE = '▁';
/** A word with the spaces before it: merges stay inside words, as SentencePiece's do. Line breaks are none: LLaMA has them as bytes. */
const PIECE = /▁*[^▁\n]+|▁+/gu;
const BYTE_TOKENS = Array.from({ length: 256 }, (_, byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`);

const NORMALIZER: Component = {
  type: 'Sequence',
  normalizers: [
    { type: 'Prepend', prepend: SPACE },
    { type: 'Replace', pattern: { String: ' ' }, content: SPACE },
  ],
};

const DECODER: Component = {
  type: 'Sequence',
  decoders: [
    { type: 'Replace', pattern: { String: SPACE }, content: ' ' },
    { type: 'ByteFallback' },
    { type: 'Fuse' },
    { type: 'Strip', content: ' ', start: 1, stop: 0 },
  ],
};

/**
 * Trains a BPE tokenizer as LLaMA uses it: spaces as `▁`, unknown characters as bytes, `<s>` before each text.
 * @param vocabSize tokens in all: specials, 256 bytes, the texts' characters, merges.
 * @throws if vocabSize leaves no room for bytes and characters, or the text gives too few merges.
 */
export function trainLlamaBpe(texts: Iterable<string>, vocabSize: number, specials: readonly string[] = LLAMA_SPECIALS): TokenizerJson {
  const counts = countPieces(texts, llamaPieces);
  const base = [...specials, ...BYTE_TOKENS, ...charactersOf(counts.keys())];
  if (vocabSize < base.length) throw new Error(`vocabSize ${vocabSize}: give at least ${base.length}, the specials, bytes and characters`);
  const merges = learnMerges(counts, vocabSize - base.length);
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: addedTokens(specials),
    normalizer: NORMALIZER,
    pre_tokenizer: null,
    post_processor: startWith('<s>', specials),
    decoder: DECODER,
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: '<unk>',
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: true,
      byte_fallback: true,
      vocab: vocabulary([...base, ...merges.map(mergedToken)]),
      merges,
    },
  };
}

function llamaPieces(text: string): string[] {
  return `${SPACE}${text.replaceAll(' ', SPACE)}`.match(PIECE) ?? [];
}

function charactersOf(pieces: Iterable<string>): string[] {
  const characters = new Set<string>([SPACE]);
  for (const piece of pieces) for (const character of piece) characters.add(character);
  return [...characters].sort();
}
