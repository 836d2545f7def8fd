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

test('a prompt that is nothing but its candidates is predicted from the start token, and needs one', () => {
  const tokenizer = wordTokenizer();
  expect(encode(tokenizer, '', ['a b', 'c b'])).toEqual({
    trunk: tokenizer.encode(''),
    branches: ['a b', 'c b'].map((text) => ({ tokens: tokenizer.encode(text).slice(1), scored: 2 })),
    answer: 0,
  });
  expect(() => encode(wordTokenizer(false), '', ['a b', 'c b'])).toThrow('no room for the prompt');
});

test('what is wrong with an item is said with its place, and other right candidates are kept', () => {
  const example = { prompt: 'a b', candidates: [' x', ' u v w'], answer: 0, alsoRight: [1], place: 'file.jsonl:7' };
  expect(() => encodeExample(wordTokenizer(), example, 2)).toThrow(
    new InputError('file.jsonl:7: no room for the prompt: " x" / " u v w" alone fills the model\'s 2 tokens'),
  );
  expect(encodeExample(wordTokenizer(), example, LONG).alsoRight).toEqual([1]);
});

describe('a prompt with a mask', () => {
  const START = 0;
  /** Words, and a start and an end token around every text. */
  const tokenizer = (): Tokenizer => {
    const words = wordTokenizer();
    words.encode('<mask>'); // its vocabulary has the mask before any text does
    const eosId = 999;
    return {
      ...words,
      eosId,
      encode: (text, { specialTokens = true } = {}) => (specialTokens ? [...words.encode(text), eosId] : words.encode(text).slice(1)),
    };
  };
  const masked = (prompt: string, room = LONG, candidates = [' good', ' bad']) => {
    const its = tokenizer();
    const { trunk, branches, mask } = encodeExample(its, { prompt, candidates, answer: 1, place: 'f:1' }, room);
    expect(trunk[mask ?? NaN]).toBe(its.tokenId('<mask>'));
    expect(branches).toEqual(candidates.map((word) => ({ tokens: [its.tokenId(word.trim())], scored: 1 })));
    expect([trunk[0], trunk.at(-1)]).toEqual([START, its.eosId]);
    return trunk.slice(1, -1).map((token) => its.decode([token]));
  };

  test('is one trunk with its special tokens, the candidates one token each', () => {
    expect(masked('it was <mask> .')).toEqual(['it', 'was', '<mask>', '.']);
  });

  test.each([
    { prompt: 'a b c d was <mask> .', room: 6, kept: ['d', 'was', '<mask>', '.'] },
    { prompt: '<mask> : a b c d', room: 6, kept: ['<mask>', ':', 'a', 'b'] },
    { prompt: 'a b c <mask> d e f', room: 7, kept: ['b', 'c', '<mask>', 'd', 'e'] },
    { prompt: 'a b c <mask> d e f', room: 6, kept: ['b', 'c', '<mask>', 'd'] },
    { prompt: 'a b c <mask> d e f', room: 3, kept: ['<mask>'] },
    { prompt: 'a b c <mask> d e f', room: 9, kept: ['a', 'b', 'c', '<mask>', 'd', 'e', 'f'] },
  ])('"$prompt" in $room tokens is cut at the outer end of its longer side', ({ prompt, room, kept }) => {
    expect(masked(prompt, room)).toEqual(kept);
  });

  test('is cut to the tokens that its task allows, in a longer context too', () => {
    const its = tokenizer();
    const example = { prompt: 'a b c d was <mask> .', candidates: [' good'], answer: 0, maxTokens: 6 };
    expect(encodeExample(its, example, LONG).trunk).toEqual(encodeExample(its, { ...example, maxTokens: LONG }, 6).trunk);
    expect(encodeExample(its, example, 5).trunk).toHaveLength(5);
  });

  test('is refused where a candidate is several tokens or the mask is not there once', () => {
    expect(() => masked('it was <mask> .', LONG, [' good', ' very bad'])).toThrow(
      new InputError('f:1: the candidate " very bad" is 2 tokens of the model\'s, a mask is one'),
    );
    expect(() => masked('<mask> was <mask> .')).toThrow('f:1: the prompt must have <mask> once');
  });
});
