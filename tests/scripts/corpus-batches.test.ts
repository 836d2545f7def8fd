import { describe, expect, test } from '@jest/globals';
import { Engines } from '../../training/engines.js';
import { cpuBackend, type Tensors } from '../../engine/index.js';
import type { Tokenizer } from '../../models/index.js';
import { corpusBatches, type Corpus } from '../../scripts/corpus-batches.js';
import { trainOnBatches } from '../../scripts/train-on-batches.js';
import type { Batch } from '../../tasks/index.js';
import { tinyModel, type TinyFamily } from '../support/tiny-model.js';

const WORDS = ['<s>', '<pad>', '</s>', '<unk>', 'the', 'film', 'is', 'good', 'bad', '.'];
const MASK_ID = WORDS.length;

/** Knows these words; puts <s> before a text, and </s> after it if `ends`. */
function tokenizer(ends: boolean, mask = true): Tokenizer {
  const idOf = (word: string): number => WORDS.indexOf(word);
  return {
    encode: (text, { specialTokens = true } = {}) => {
      const words = text.trim().split(' ').map(idOf);
      return specialTokens ? [0, ...words, ...(ends ? [2] : [])] : words;
    },
    decode: () => '',
    vocabularySize: MASK_ID + 1,
    tokenId: (token) => (token !== '<mask>' ? idOf(token) : mask ? MASK_ID : undefined),
    bosId: 0,
    padId: 1,
    eosId: 2,
    around: { before: [0], after: ends ? [2] : [] },
    addedTokens: [],
  };
}

const TEXTS = ['the film is good .', 'the film is bad . good good good', 'the bad .', 'is the film good', 'the film'];

/** What the masks decide. */
const SEEN = ['token_ids', 'target_ids', 'read_positions', 'target_reads'];

/** Words of which none is asked for more than another. */
const plain = (texts: Iterable<string>): Corpus => ({ texts, salientWords: [] });
const batches = (family: TinyFamily, seed: number, texts: Iterable<string>): Batch[] => [
  ...corpusBatches(tinyModel(family), tokenizer(family === 'roberta'), plain(texts), 2, seed),
];
const numbers = ({ tensors }: { tensors: Tensors }, name: string): number[] => Array.from(tensors[name]?.data ?? [], Number);

describe('texts as batches', () => {
  test('of so many, what is left over left out; the end of each text is predicted, once', () => {
    for (const ends of [true, false]) {
      const made = [...corpusBatches(tinyModel('opt'), tokenizer(ends), plain(TEXTS), 2, 1)];
      expect(made.map(({ count }) => count)).toEqual([6 + 9, 4 + 5]);
      expect(numbers(made[1] ?? { tensors: {} }, 'target_ids')).toEqual([4, 8, 9, 2, 6, 4, 5, 7, 2]);
    }
  });

  test('for a model that looks both ways are masked, the same by seed and anew whenever a text comes', () => {
    const twice = [...TEXTS.slice(0, 2), ...TEXTS.slice(0, 2)];
    const seen = (seed: number): string[] =>
      batches('roberta', seed, twice).map((batch) => SEEN.map((name) => numbers(batch, name).join()).join('; '));
    expect(seen(1)).toEqual(seen(1));
    expect(seen(2)).not.toEqual(seen(1));
    const [first, again] = seen(1);
    expect(again).not.toBe(first);
  });

  test('ask a model that looks both ways for salient words more often', () => {
    const corpus = { texts: Array.from({ length: 400 }, () => 'the film is good'), salientWords: ['good'] };
    const asked = [...corpusBatches(tinyModel('roberta'), tokenizer(true), corpus, 400, 1)].flatMap((batch) =>
      numbers(batch, 'target_ids'),
    );
    const times = (word: string): number => asked.filter((id) => id === WORDS.indexOf(word)).length;
    // Of 400: 360 at 90 %, 60 at 15 %; four standard deviations are 24 and 29.
    expect(Math.abs(times('good') - 360)).toBeLessThan(24);
    expect(Math.abs(times('film') - 60)).toBeLessThan(29);
  });

  test('a salient word that is no token of its own is named', () => {
    const corpus = { texts: TEXTS, salientWords: ['good bad'] };
    expect(() => [...corpusBatches(tinyModel('roberta'), tokenizer(true), corpus, 2, 1)]).toThrow('salient word "good bad"');
  });

  test('without a mask among the tokens there is no masked language model', () => {
    expect(() => [...corpusBatches(tinyModel('roberta'), tokenizer(true, false), plain(TEXTS), 2, 1)]).toThrow(
      'the tokenizer has no <mask>',
    );
  });
});

/** One of two words, told by the first; every other word is always the same. */
function* riddles(): Generator<string> {
  for (let n = 0; ; n++) yield n % 2 === 0 ? 'good film is the good .' : 'bad film is the bad .';
}

describe.each(['roberta', 'mistral'] as const)('a %s', (family) => {
  const training = { steps: 300, documents: 16, learningRate: 1e-2 };

  async function loss(): Promise<{ loss: number; weights: number[] }> {
    const model = tinyModel(family);
    const made = corpusBatches(model, tokenizer(family === 'roberta'), plain(riddles()), training.documents, 3);
    const loss = await trainOnBatches(new Engines(cpuBackend(1), model), made, training, 3, () => undefined);
    return { loss, weights: model.parameters.all.flatMap((parameter) => [...model.parameters.values(parameter)]) };
  }

  // Six words are equally frequent: without its context each has an entropy of log 6 = 1.8 nats.
  test('learns from its context, and learns the same again', async () => {
    const first = await loss();
    expect(first.loss).toBeLessThan(0.3);
    expect(await loss()).toEqual(first);
  });
});
