import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { InputError } from '../../engine/index.js';
import type { Tokenizer } from '../../models/index.js';
import { encodeExample, type EncodedExample } from '../../tasks/index.js';
import { wordTokenizer } from '../support/word-tokenizer.js';

const LONG = 1000;

const sequences = ({ trunk, branches }: EncodedExample): number[][] => branches.map(({ tokens }) => [...trunk, ...tokens]);
const scored = ({ branches }: EncodedExample): number[] => branches.map((branch) => branch.scored);

function encode(tokenizer: Tokenizer, prompt: string, candidates: readonly string[], maxLength = LONG): EncodedExample {
  return encodeExample(tokenizer, { prompt, candidates, answer: 0 }, maxLength);
}

describe('an encoded example', () => {
  test('is the prompt as a trunk and each one-token candidate as a branch of one token', () => {
    const tokenizer = wordTokenizer();
    const start = tokenizer.encode('it was');
    expect(encodeExample(tokenizer, { prompt: 'it was', candidates: [' bad', ' good'], answer: 1 }, LONG)).toEqual({
      trunk: start,
      branches: [
        { tokens: [tokenizer.tokenId('bad')], scored: 1 },
        { tokens: [tokenizer.tokenId('good')], scored: 1 },
      ],
      answer: 1,
    });
  });

  test('gives back the tokens of prompt + candidate for candidates of different length, and scores their own', () => {
    const tokenizer = wordTokenizer();
    const candidates = [' yes', ' not at all', ' not so'];
    const example = encode(tokenizer, 'is it', candidates);
    expect(sequences(example)).toEqual(candidates.map((candidate) => tokenizer.encode(`is it${candidate}`)));
    expect(scored(example)).toEqual([1, 3, 2]);
  });

  test('never shares a scored token, even where all candidates begin alike', () => {
    const example = encode(wordTokenizer(), 'is it', [' so good', ' so bad']);
    expect(example.trunk).toHaveLength(3);
    expect(scored(example)).toEqual([2, 2]);
  });

  test('scores one token where a candidate melts into the last token of the prompt', () => {
    const tokenizer = wordTokenizer();
    const example = encode(tokenizer, 'is it', ['s', ' great', 's not']);
    expect(sequences(example)).toEqual(['is its', 'is it great', 'is its not'].map((text) => tokenizer.encode(text)));
    expect(scored(example)).toEqual([1, 1, 1]);
    expect(example.trunk).toEqual(tokenizer.encode('is'));
  });
});

describe('a text too long for the model', () => {
  const prompt = 'a b c d e f g h';

  test('loses its beginning and keeps its start token and its end; a last token that is only predicted takes no room', () => {
    const tokenizer = wordTokenizer();
    const example = encode(tokenizer, prompt, [' x', ' y z'], 6);
    // Six tokens are read: start, e f g h, y; z is only predicted.
    expect(sequences(example)).toEqual([tokenizer.encode('e f g h x'), tokenizer.encode('e f g h y z')]);
    expect(scored(example)).toEqual([1, 2]);
  });

  test('loses its beginning alone where the tokenizer has no start token', () => {
    const tokenizer = wordTokenizer(false);
    expect(sequences(encode(tokenizer, prompt, [' x', ' y z'], 5))).toEqual([
      tokenizer.encode('e f g h x'),
      tokenizer.encode('e f g h y z'),
    ]);
  });

  test('is not cut where it just fits', () => {
    const tokenizer = wordTokenizer();
    expect(sequences(encode(tokenizer, prompt, [' x'], 9))).toEqual([tokenizer.encode(`${prompt} x`)]);
  });

  test('is refused where its candidates leave no room for a token of the prompt', () => {
    const tokenizer = wordTokenizer();
    expect(encode(tokenizer, prompt, [' x', ' u v w'], 4).trunk).toEqual(tokenizer.encode('h'));
    const refused = (): EncodedExample => encode(tokenizer, prompt, [' x', ' u v w'], 3);
    expect(refused).toThrow(InputError);
    expect(refused).toThrow('no room for the prompt: " x" / " u v w" alone fills the model\'s 3 tokens');
  });

  test('is cut by the same tokens for all candidates, at any length', () => {
    const word = fc.stringMatching(/^[a-f]{1,2}$/);
    const text = (max: number) => fc.array(word, { minLength: 1, maxLength: max }).map((words) => words.join(' '));
    const candidate = text(4).map((words) => ` ${words}`);
    fc.assert(
      fc.property(
        text(12),
        fc.array(candidate, { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 6, max: 20 }),
        (head, candidates, room) => {
          const tokenizer = wordTokenizer();
          const whole = candidates.map((tail) => tokenizer.encode(head + tail));
          const excess = Math.max(0, ...whole.map((tokens) => tokens.length - 1 - room));
          const example = encode(tokenizer, head, candidates, room);
          expect(sequences(example)).toEqual(whole.map((tokens) => [tokens[0], ...tokens.slice(1 + excess)]));
          expect(scored(example)).toEqual(candidates.map((tail) => tail.trim().split(' ').length));
          example.branches.forEach(({ tokens, scored: own }) => expect(tokens.length).toBeGreaterThanOrEqual(own));
        },
      ),
      { seed: 1 },
    );
  });
});
