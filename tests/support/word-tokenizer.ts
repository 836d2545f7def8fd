import type { Tokenizer } from '../../models/index.js';

const START = 0;

/** A stand-in: each stretch without spaces is a token, numbered from 1 as it first comes, after a start token if `start`. */
export function wordTokenizer(start = true): Tokenizer {
  const words = ['<start>'];
  const idOf = (word: string): number => (words.includes(word) ? words.indexOf(word) : words.push(word) - 1);
  return {
    encode: (text, { specialTokens = true } = {}) => [...(start && specialTokens ? [START] : []), ...(text.match(/\S+/g) ?? []).map(idOf)],
    decode: (ids) => ids.map((id) => words[id] ?? '').join(' '),
    vocabularySize: 1_000_000,
    tokenId: (word) => (words.includes(word) ? words.indexOf(word) : undefined),
    bosId: start ? START : undefined,
    eosId: undefined,
    padId: undefined,
    around: { before: start ? [START] : [], after: [] },
    addedTokens: [],
  };
}
