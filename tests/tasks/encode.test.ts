import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { InputError } from '../../engine/index.js';
import { paddingId, type Tokenizer } from '../../models/index.js';
import { encodeExample, refuseTokensWithoutRow, type EncodedExample, type Limits } from '../../tasks/index.js';
import { askedMasked } from '../../tasks/task.js';
import { tinyModel } from '../support/tiny-model.js';
import { wordTokenizer } from '../support/word-tokenizer.js';

const LONG = 1000;
const within = (maxLength: number): Limits => ({ maxLength, vocabularySize: 1e6 });

const sequences = ({ trunk, branches }: EncodedExample): number[][] => branches.map(({ tokens }) => [...trunk, ...tokens]);
const scored = ({ branches }: EncodedExample): number[] => branches.map((branch) => branch.scored);

function encode(tokenizer: Tokenizer, prompt: string, candidates: readonly string[], maxLength = LONG): EncodedExample {
  return encodeExample(tokenizer, { prompt, candidates, answer: 0 }, within(maxLength));
}

describe('an encoded example', () => {
  test('is the prompt as a trunk and each one-token candidate as a branch of one token', () => {
    const tokenizer = wordTokenizer();
    const start = tokenizer.encode('it was');
    expect(encodeExample(tokenizer, { prompt: 'it was', candidates: [' bad', ' good'], answer: 1 }, within(LONG))).toEqual({
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
  expect(() => encodeExample(wordTokenizer(), example, within(2))).toThrow(
    new InputError('file.jsonl:7: no room for the prompt: " x" / " u v w" alone fills the model\'s 2 tokens'),
  );
  expect(encodeExample(wordTokenizer(), example, within(LONG)).alsoRight).toEqual([1]);
});

describe('a prompt with a mask', () => {
  const START = 0;
  /** Words, and a start and an end token around every text. */
  const tokenizer = (): Tokenizer => {
    const words = wordTokenizer();
    words.encode('<mask>'); // its vocabulary has the mask before any text does
    const eosId = 999;
    return { ...words, eosId, ...templated(words, [START], [eosId]) };
  };
  const masking = (prompt: string) => {
    const at = prompt.indexOf('<mask>');
    return askedMasked(prompt.slice(0, at), prompt.slice(at + '<mask>'.length));
  };
  const masked = (prompt: string, room = LONG, candidates = [' good', ' bad']) => {
    const its = tokenizer();
    const { trunk, branches, mask } = encodeExample(its, { ...masking(prompt), candidates, answer: 1, place: 'f:1' }, within(room));
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
    const example = { ...masking('a b c d was <mask> .'), candidates: [' good'], answer: 0, maxTokens: 6 };
    expect(encodeExample(its, example, within(LONG)).trunk).toEqual(encodeExample(its, { ...example, maxTokens: LONG }, within(6)).trunk);
    expect(encodeExample(its, example, within(5)).trunk).toHaveLength(5);
  });

  test('is refused where a candidate is several tokens, the tokenizer has no mask or special tokens leave no room', () => {
    expect(() => masked('it was <mask> .', LONG, [' good', ' very bad'])).toThrow(
      new InputError('f:1: the candidate " very bad" is 2 tokens of the model\'s, a mask is one'),
    );
    const example = { ...masking('it was <mask> .'), candidates: [' good'], answer: 0, place: 'f:1' };
    const maskless = { ...tokenizer(), tokenId: () => undefined };
    expect(() => encodeExample(maskless, example, within(LONG))).toThrow("f:1: the model's tokenizer has no token <mask>");
    expect(() => encodeExample(tokenizer(), example, within(2))).toThrow(
      "f:1: no room for the prompt: special tokens alone fill the model's 2",
    );
  });

  test.each([
    { before: 'a <mask> b', after: 'c' },
    { before: 'a', after: 'b <mask> <mask> c' },
    { before: '<mask> a <mask>', after: '<mask>' },
    { before: '', after: '<mask>' },
  ])('"$before" | "$after" is asked for the mask of its template, whatever masks its text spells out', ({ before, after }) => {
    const its = tokenizer();
    const prompt = askedMasked(`${before} `, ` ${after}`);
    const { trunk, mask } = encodeExample(its, { ...prompt, candidates: [' x'], answer: 0 }, within(LONG));
    const words = before.split(' ').filter((word) => word !== '').length;
    expect(trunk).toEqual(its.encode(prompt.prompt));
    expect(mask).toBe(1 + words);
    const short = encodeExample(its, { ...prompt, candidates: [' x'], answer: 0 }, within(3));
    expect(short.trunk.map((token) => its.decode([token]))[short.mask ?? NaN]).toBe('<mask>');
    expect(short.mask).toBe(1);
  });
});

/** The words of another tokenizer, with these ids before and behind every text. */
function templated(words: Tokenizer, before: readonly number[], after: readonly number[]): Pick<Tokenizer, 'around' | 'encode'> {
  return {
    around: { before, after },
    encode: (text, { specialTokens = true } = {}) => {
      const content = words.encode(text, { specialTokens: false });
      return specialTokens ? [...before, ...content, ...after] : content;
    },
  };
}

describe('what the template puts around a text', () => {
  const templates = [
    { name: 'EOS behind', before: [], after: [901] },
    { name: 'BOS before and EOS behind', before: [900], after: [901] },
    { name: 'BOS twice', before: [900, 900], after: [] },
    { name: 'several tokens on both sides', before: [900, 902, 900], after: [901, 903] },
    { name: 'nothing', before: [], after: [] },
  ];

  test.each(templates)('$name: candidates are found where they are, whole, and nothing ends them or the prompt', ({ before, after }) => {
    const words = wordTokenizer();
    const tokenizer = { ...words, ...templated(words, before, after) };
    const content = (text: string) => words.encode(text, { specialTokens: false });
    const candidates = [' very good', ' bad', ' not so very good'];
    const example = { prompt: 'it was', candidates, answer: 0, golds: ['very good'] };
    const encoded = encodeExample(tokenizer, example, within(40));
    encoded.branches.forEach(({ tokens, scored: own }, index) => {
      expect([...encoded.trunk, ...tokens].slice(-own)).toEqual(content(candidates[index] ?? ''));
    });
    expect(encoded.trunk).toEqual([...before, ...content('it was')]);
    expect(encoded.question?.prompt).toEqual([...before, ...content('it was')]);
  });

  test.each(templates)('$name: stays before a text that is cut', ({ before, after }) => {
    const words = wordTokenizer();
    const tokenizer = { ...words, ...templated(words, before, after) };
    const room = before.length + 3;
    const { trunk, question } = encodeExample(
      tokenizer,
      { prompt: 'a b c d e f', candidates: [' x'], answer: 0, golds: ['x'] },
      within(room),
    );
    expect(trunk).toEqual([...before, ...words.encode('d e f', { specialTokens: false })]);
    expect(question?.prompt.slice(0, before.length)).toEqual(before);
    expect(question?.prompt.at(-1)).toBe(words.tokenId('f'));
  });
});

describe('a token that the model has no row for', () => {
  const example = { prompt: 'a b', candidates: [' c', ' d'], answer: 0, golds: ['c'], place: 'file.jsonl:3' };
  const rowless = (text: string): Tokenizer => {
    const words = wordTokenizer();
    return {
      ...words,
      addedTokens: [{ id: 500, content: text }],
      decode: (ids) => (ids[0] === 500 ? text : words.decode(ids)),
      encode: (all, options) => words.encode(all, options).map((id) => (words.decode([id]) === text ? 500 : id)),
    };
  };

  test.each(['a', 'b', 'c', 'd'])('"%s" is refused with file and line, in prompt and candidates', (text) => {
    const refused = (limits: Limits) => () => encodeExample(rowless(text), example, limits);
    const message = `file.jsonl:3: the text has "${text}", token 500 of the tokenizer, but the model's embedding has 500 rows`;
    expect(refused({ maxLength: LONG, vocabularySize: 500 })).toThrow(message);
    expect(refused({ maxLength: LONG, vocabularySize: 501 })).not.toThrow();
    expect(() => {
      refuseTokensWithoutRow(rowless(text), [example], { maxLength: LONG, vocabularySize: 500 });
    }).toThrow(message);
  });

  test('is no matter where no text has it', () => {
    const limits = { maxLength: LONG, vocabularySize: 500 };
    expect(() => encodeExample(rowless('z'), example, limits)).not.toThrow();
    expect(() => {
      refuseTokensWithoutRow(rowless('z'), [example], limits);
    }).not.toThrow();
  });

  test('pads with another', () => {
    const { architecture } = tinyModel('opt');
    const rows = architecture.dimensions.vocabularySize;
    const padded = (padId: number | undefined) => paddingId({ ...wordTokenizer(), padId }, { architecture });
    expect([padded(undefined), padded(rows), padded(rows + 7), padded(rows - 1)]).toEqual([0, 0, 0, rows - 1]);
  });
});
