import { InputError } from '../engine/index.js';
import type { Dimensions, Tokenizer } from '../models/index.js';
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

/** What a model takes: texts of so many tokens, of ids below so many. */
export type Limits = Pick<Dimensions, 'maxLength' | 'vocabularySize'>;

/**
 * An example in at most `maxLength` tokens.
 * @throws InputError where not even the candidates fit, a candidate for a mask is not one token, or the model has no row for a token.
 */
export function encodeExample(tokenizer: Tokenizer, example: Example, limits: Limits): EncodedExample {
  const { answer, alsoRight, golds } = example;
  const { maxLength } = limits;
  const tree =
    example.maskAt === undefined
      ? encodeCausal(tokenizer, example, maxLength)
      : encodeMasked(tokenizer, { ...example, maskAt: example.maskAt }, maxLength);
  const question = golds && { prompt: encodePrompt(tokenizer, example.prompt, maxLength - newTokens(maxLength)), golds };
  const tokens = [...tree.trunk, ...tree.branches.flatMap((branch) => branch.tokens), ...(question?.prompt ?? [])];
  checkRows(tokenizer, tokens, limits.vocabularySize, example.place);
  return { ...tree, answer, ...(alsoRight && { alsoRight }), ...(question && { question }) };
}

/**
 * Encodes those examples alone that spell out an added token which the model has no row for: what would be refused when they are
 * encoded, at little cost.
 * @throws InputError as {@link encodeExample} does.
 */
export function refuseTokensWithoutRow(tokenizer: Tokenizer, examples: readonly Example[], limits: Limits): void {
  const rowless = tokenizer.addedTokens.filter(({ id }) => id >= limits.vocabularySize);
  const isSuspect = ({ prompt, candidates }: Example): boolean =>
    rowless.some(({ content }) => [prompt, ...candidates].some((text) => text.includes(content)));
  for (const example of examples) if (isSuspect(example)) encodeExample(tokenizer, example, limits);
}

function checkRows(tokenizer: Tokenizer, tokens: readonly number[], rows: number, place: string | undefined): void {
  const id = tokens.find((token) => token >= rows);
  if (id === undefined) return;
  throw new InputError(
    `${prefix(place)}the text has ${JSON.stringify(tokenizer.decode([id]))}, token ${id} of the tokenizer, but the model's embedding has ` +
      `${rows} rows: take it out of the text or the prompt, or give a model that knows it`,
  );
}

/** Whether an item is asked whole: whether what is asked, and where candidates are judged each of them behind it, needs no cutting. */
export function fits(tokenizer: Tokenizer, { prompt, candidates, golds }: Example, maxLength: number): boolean {
  const lengthOf = (text: string): number => tokenizer.around.before.length + contentOf(tokenizer, text).length;
  if (golds) return lengthOf(prompt) <= maxLength - newTokens(maxLength);
  // The last token of a candidate is only predicted, never read.
  return candidates.every((candidate) => lengthOf(prompt + candidate) - 1 <= maxLength);
}

/** How many tokens a model that takes `maxLength` of them generates: a short one not more than a quarter. */
export const newTokens = (maxLength: number): number => Math.min(MAX_NEW_TOKENS, Math.ceil(maxLength / 4));

/** A text's own tokens, without what the model's template puts around it. */
const contentOf = (tokenizer: Tokenizer, text: string): readonly number[] => tokenizer.encode(text, { specialTokens: false });

/** The prompt alone, to be continued: nothing ends it. Where it does not fit, it loses its beginning, what stands before it kept. */
function encodePrompt(tokenizer: Tokenizer, prompt: string, maxLength: number): readonly number[] {
  const { before } = tokenizer.around;
  const content = contentOf(tokenizer, prompt);
  return [...before, ...content.slice(Math.max(0, before.length + content.length - maxLength))];
}

type Tree = Pick<EncodedExample, 'trunk' | 'branches' | 'mask'>;

/**
 * Tokenises prompt + candidate together, as one text; the candidate's share is what the text has more than the prompt alone
 * (MeZO's `option_len`). What the template puts behind a text is left out: nobody reads it. Where a text does not fit, it loses its
 * beginning, what stands before it kept.
 */
function encodeCausal(tokenizer: Tokenizer, { prompt, candidates, place }: Example, maxLength: number): Tree {
  const { before } = tokenizer.around;
  const alone = contentOf(tokenizer, prompt).length;
  const contents = candidates.map((candidate) => contentOf(tokenizer, prompt + candidate));
  const scored = contents.map((content) => Math.max(1, content.length - alone));
  // The last token of a candidate is only predicted, never read.
  const excess = Math.max(0, ...contents.map((content) => before.length + content.length - 1 - maxLength));
  const firstScored = before.length - excess + Math.min(...contents.map((content, index) => content.length - (scored[index] ?? 0)));
  // A candidate may be all there is; but then it needs a token to be predicted from, and is not cut.
  if (firstScored < (excess > 0 ? before.length + 1 : 1)) {
    throw new InputError(
      `${prefix(place)}no room for the prompt: "${candidates.join('" / "')}" alone fills the model's ${maxLength} tokens`,
    );
  }
  const texts = contents.map((content) => [...before, ...content.slice(excess)]);
  const shared = sharedLength(texts, firstScored);
  return {
    trunk: (texts[0] ?? []).slice(0, shared),
    branches: texts.map((text, index) => ({ tokens: text.slice(shared), scored: scored[index] ?? 0 })),
  };
}

/**
 * The whole text with its special tokens, the candidates standing for its mask. Where it does not fit, the longer of the two sides
 * of the mask loses tokens at its outer end, so that the words of the template, which stand next to the mask, stay as long as
 * they can.
 */
function encodeMasked(tokenizer: Tokenizer, example: Example & { readonly maskAt: number }, maxLength: number): Tree {
  const { candidates, place, maxTokens = Infinity } = example;
  const { before: start, after: end } = tokenizer.around;
  const limit = Math.min(maxLength, maxTokens);
  const room = limit - start.length - 1 - end.length;
  if (room < 0) throw new InputError(`${prefix(place)}no room for the prompt: special tokens alone fill the model's ${limit} tokens`);
  const content = contentOf(tokenizer, example.prompt);
  const mask = maskIn(content, tokenizer, example);
  const { before, after } = within(room, mask, content.length - mask - 1);
  return {
    trunk: [...start, ...content.slice(mask - before, mask + 1 + after), ...end],
    branches: candidates.map((candidate) => ({ tokens: [wordId(tokenizer, candidate, place)], scored: 1 })),
    mask: start.length + before,
  };
}

/** Which token the prompt's own mask is: the item's text may spell out others before and behind it. */
function maskIn(content: readonly number[], tokenizer: Tokenizer, { prompt, maskAt, place }: Example): number {
  const id = tokenizer.tokenId(MASK);
  const earlier = contentOf(tokenizer, prompt.slice(0, maskAt)).filter((token) => token === id).length;
  const mask = content.flatMap((token, index) => (token === id ? [index] : []))[earlier];
  if (mask !== undefined) return mask;
  throw new InputError(`${prefix(place)}the model's tokenizer has no token ${MASK}, which the prompt asks for: ${JSON.stringify(prompt)}`);
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
