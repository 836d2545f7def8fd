import { InputError } from '../engine/index.js';
import type { Tokenizer } from '../models/index.js';
import { MASK, type Example } from './task.js';

/** At most so many tokens are generated: MeZO's. */
export const MAX_NEW_TOKENS = 50;

/**
 * An item as tokens: the part its candidates share, computed once, and a branch for each of them. Every branch continues
 * the trunk, so the whole is a tree.
 */
export interface EncodedExample {
  readonly trunk: readonly number[];
  readonly branches: readonly {
    readonly tokens: readonly number[];
    /** How many tokens at the end of trunk + branch are the candidate's own: those whose probability counts. */
    readonly scored: number;
  }[];
  readonly answer: number;
  /** Other candidates that count as right. */
  readonly alsoRight?: readonly number[];
  /** For a masked language model: which token of the trunk is the mask that the candidates, one token each, may stand for. */
  readonly mask?: number;
  /** Where the model is to write the answer itself. */
  readonly question?: Question;
}

/** A prompt to be continued, and the texts that are right. */
export interface Question {
  readonly prompt: readonly number[];
  readonly golds: readonly string[];
}

/**
 * An example in at most `maxLength` tokens. A prompt with a mask is one for a masked language model, any other is continued by
 * the candidates.
 * @throws InputError where not even the candidates fit, or a candidate for a mask is not one token.
 */
export function encodeExample(tokenizer: Tokenizer, example: Example, maxLength: number): EncodedExample {
  const { answer, alsoRight, golds } = example;
  const tree = example.prompt.includes(MASK) ? encodeMasked(tokenizer, example, maxLength) : encodeCausal(tokenizer, example, maxLength);
  const question = golds && { prompt: encodePrompt(tokenizer, example.prompt, maxLength - newTokens(maxLength)), golds };
  return { ...tree, answer, ...(alsoRight && { alsoRight }), ...(question && { question }) };
}

/** Whether an item is asked whole: whether what is asked, and where candidates are judged each of them behind it, needs no cutting. */
export function fits(tokenizer: Tokenizer, { prompt, candidates, golds }: Example, maxLength: number): boolean {
  if (golds) return tokenizer.encode(prompt).length <= maxLength - newTokens(maxLength);
  // The last token of a candidate is only predicted, never read.
  return candidates.every((candidate) => tokenizer.encode(prompt + candidate).length - 1 <= maxLength);
}

/** How many tokens a model that takes `maxLength` of them generates: a short one not more than a quarter. */
export const newTokens = (maxLength: number): number => Math.min(MAX_NEW_TOKENS, Math.ceil(maxLength / 4));

/** The prompt alone. Where it does not fit, it loses its beginning, its first special token kept. */
function encodePrompt(tokenizer: Tokenizer, prompt: string, maxLength: number): readonly number[] {
  const text = tokenizer.encode(prompt);
  const bos = text[0] === tokenizer.bosId ? 1 : 0;
  return [...text.slice(0, bos), ...text.slice(bos + Math.max(0, text.length - maxLength))];
}

type Tree = Pick<EncodedExample, 'trunk' | 'branches' | 'mask'>;

/**
 * Tokenises prompt + candidate together, as one text; the candidate's share is what the text has more than the prompt alone
 * (MeZO's `option_len`). Where that does not fit, the text loses its beginning, its first special token kept.
 */
function encodeCausal(tokenizer: Tokenizer, { prompt, candidates, place }: Example, maxLength: number): Tree {
  const alone = tokenizer.encode(prompt).length;
  const texts = candidates.map((candidate) => tokenizer.encode(prompt + candidate));
  const scored = texts.map((text) => Math.max(1, text.length - alone));
  // The last token of a candidate is only predicted, never read.
  const excess = Math.max(0, ...texts.map((text) => text.length - 1 - maxLength));
  const firstScored = Math.min(...texts.map((text, index) => text.length - (scored[index] ?? 0)));
  const bos = texts[0]?.[0] === tokenizer.bosId ? 1 : 0;
  // A candidate may be all there is; but then it needs a token to be predicted from, and is not cut.
  if (firstScored - excess < (excess > 0 ? bos + 1 : 1)) {
    throw new InputError(
      `${prefix(place)}no room for the prompt: "${candidates.join('" / "')}" alone fills the model's ${maxLength} tokens`,
    );
  }
  const cut = texts.map((text) => [...text.slice(0, bos), ...text.slice(bos + excess)]);
  const shared = sharedLength(cut, firstScored - excess);
  return {
    trunk: (cut[0] ?? []).slice(0, shared),
    branches: cut.map((text, index) => ({ tokens: text.slice(shared), scored: scored[index] ?? 0 })),
  };
}

/**
 * The whole text with its special tokens, the candidates standing for its mask. Where it does not fit, the longer of the two sides
 * of the mask loses tokens at its outer end, so that the words of the template, which stand next to the mask, stay as long as
 * they can.
 */
function encodeMasked(tokenizer: Tokenizer, { prompt, candidates, place, maxTokens = Infinity }: Example, maxLength: number): Tree {
  const maskId = tokenizer.tokenId(MASK);
  const text = tokenizer.encode(prompt);
  const mask = maskId === undefined ? -1 : text.indexOf(maskId);
  if (mask < 0 || text.lastIndexOf(text[mask] ?? NaN) !== mask) {
    throw new InputError(`${prefix(place)}the prompt must have ${MASK} once, as a token of the model's: ${JSON.stringify(prompt)}`);
  }
  const [start, end] = [text[0] === tokenizer.bosId ? 1 : 0, text.at(-1) === tokenizer.eosId ? 1 : 0];
  const sides = { before: text.slice(start, mask), after: text.slice(mask + 1, text.length - end) };
  const { before, after } = within(Math.min(maxLength, maxTokens) - start - 1 - end, sides.before.length, sides.after.length);
  return {
    trunk: [
      ...text.slice(0, start),
      ...sides.before.slice(sides.before.length - before),
      ...text.slice(mask, mask + 1),
      ...sides.after.slice(0, after),
      ...text.slice(text.length - end),
    ],
    branches: candidates.map((candidate) => ({ tokens: [wordId(tokenizer, candidate, place)], scored: 1 })),
    mask: start + before,
  };
}

/** How many tokens of each side fit into the room: the longer one gives way, equal ones in turn. */
function within(room: number, before: number, after: number): { before: number; after: number } {
  if (before + after <= room) return { before, after };
  const shorter = Math.min(before, after, Math.floor(room / 2));
  return before < after ? { before: shorter, after: room - shorter } : { before: room - shorter, after: shorter };
}

/** @throws InputError where a word is several tokens, of which only one can stand for a mask. */
function wordId(tokenizer: Tokenizer, word: string, place: string | undefined): number {
  const [id, ...more] = tokenizer.encode(word, { specialTokens: false });
  if (id !== undefined && more.length === 0) return id;
  throw new InputError(`${prefix(place)}the candidate ${JSON.stringify(word)} is ${more.length + 1} tokens of the model's, a mask is one`);
}

const prefix = (place: string | undefined): string => (place === undefined ? '' : `${place}: `);

/** Length of the longest common prefix, at most `limit`. */
function sharedLength(texts: readonly (readonly number[])[], limit: number): number {
  let length = 0;
  while (length < limit && texts.every((text) => text[length] === texts[0]?.[length])) length++;
  return length;
}
