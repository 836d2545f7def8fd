import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { cpuBackend, float32Of, ForwardRunner, type Tensors } from '../../engine/index.js';
import { loadModel, loadTokenizer, openCheckpoint, unadapted, type LanguageModel, type Objective } from '../../models/index.js';
import { choiceBatch, encodeExample, type Batch, type EncodedExample } from '../../tasks/index.js';
import { argmax, BruteForce, mean } from '../support/brute-force.js';
import { sharedFolder } from '../support/shared.js';
import { oneTokenExamples, PAD_ID, raggedExamples, tinyFamilies, tinyModel } from '../support/tiny-model.js';

const backend = cpuBackend(1);

/** Of a score: float32 logits of a few units, added up in another order. */
const SCORE = 1e-4;
/** What an absent candidate's score is below. */
const IMPOSSIBLE = -1e8;

/** Runs batches of one model. */
class Judge {
  readonly #runner: ForwardRunner;
  readonly #plain: BruteForce;

  constructor(readonly model: LanguageModel) {
    this.#runner = new ForwardRunner(backend, model.parameters);
    this.#plain = new BruteForce(backend, model);
  }

  /** Scores [example][candidate] and the loss of the examples as one batch. */
  async judge(examples: readonly EncodedExample[], objective?: Objective): Promise<{ scores: number[][]; loss: number; batch: Batch }> {
    const batch = choiceBatch(this.model, examples, PAD_ID);
    const [made = {}] = await this.#runner.run(this.model.stages(objective ?? batch.objective), batch.tensors);
    return { scores: rows(made, examples.length), loss: float32Of(made, 'loss')[0] ?? NaN, batch };
  }

  async plainScores(examples: readonly EncodedExample[]): Promise<number[][]> {
    const all: number[][] = [];
    for (const example of examples) all.push(await this.#plain.scores(example));
    return all;
  }
}

function rows(made: Tensors, examples: number): number[][] {
  const scores = float32Of(made, 'scores');
  const candidates = scores.length / examples;
  return Array.from({ length: examples }, (_, index) => [...scores.subarray(index * candidates, (index + 1) * candidates)]);
}

/** Mean over the examples of - log of the softmax of the right candidate's score. */
function crossEntropy(scores: readonly (readonly number[])[], examples: readonly EncodedExample[]): number {
  return mean(
    scores.map((row, index) => {
      const right = row[examples[index]?.answer ?? 0] ?? NaN;
      return Math.log(row.reduce((sum, score) => sum + Math.exp(score - right), 0));
    }),
  );
}

function expectClose(actual: readonly (readonly number[])[], wanted: readonly (readonly number[])[]): void {
  expect(actual).toHaveLength(wanted.length);
  wanted.forEach((row, index) =>
    row.forEach((score, candidate) => expect(Math.abs((actual[index]?.[candidate] ?? NaN) - score)).toBeLessThan(SCORE)),
  );
}

/** Scores less their example's first: what is left when a common normaliser cancels. */
const relativeToFirst = (scores: readonly (readonly number[])[]): number[][] =>
  scores.map((row) => row.map((score) => score - (row[0] ?? NaN)));

describe.each(tinyFamilies.map((family) => ({ family })))('a batch of choices on a random $family', ({ family }) => {
  const judge = new Judge(tinyModel(family));

  test('scores one-token candidates as each of them alone would be, with the whole softmax', async () => {
    const examples = oneTokenExamples(6, 21);
    const wanted = await judge.plainScores(examples);
    const { scores, loss } = await judge.judge(examples, 'choice');
    expectClose(scores, wanted);
    expect(Math.abs(loss - crossEntropy(wanted, examples))).toBeLessThan(SCORE);
  });

  test('needs no normaliser for one-token candidates: same loss, same differences of scores, same choice', async () => {
    const examples = oneTokenExamples(6, 22);
    const normalised = await judge.judge(examples, 'choice');
    const { scores, loss, batch } = await judge.judge(examples);
    expect(batch.objective).toBe('choice-unnormalised');
    expect(Math.abs(loss - normalised.loss)).toBeLessThan(1e-5);
    expectClose(relativeToFirst(scores), relativeToFirst(normalised.scores));
    expect(scores.map(argmax)).toEqual(normalised.scores.map(argmax));
  });

  test('scores candidates of several tokens, a different number for each example, by the mean of their own', async () => {
    const examples = raggedExamples(7, 23);
    expect(new Set(examples.map(({ branches }) => branches.length)).size).toBeGreaterThan(1);
    const wanted = await judge.plainScores(examples);
    const { scores, loss, batch } = await judge.judge(examples);
    expect(batch.objective).toBe('choice');
    expectClose(scores, wanted);
    expect(Math.abs(loss - crossEntropy(wanted, examples))).toBeLessThan(SCORE);
    const absent = scores.flatMap((row, index) => row.slice(wanted[index]?.length));
    expect(absent.length).toBeGreaterThan(0);
    absent.forEach((score) => expect(score).toBeLessThan(IMPOSSIBLE));
  });

  test('needs the normaliser where one-token candidates are predicted from different places', async () => {
    const examples: EncodedExample[] = [
      {
        trunk: [2, 8, 30],
        branches: [
          { tokens: [7], scored: 1 },
          { tokens: [12, 9], scored: 1 },
        ],
        answer: 1,
      },
    ];
    const { scores, batch } = await judge.judge(examples);
    expect(batch.objective).toBe('choice');
    expectClose(scores, await judge.plainScores(examples));
  });

  test('gives an example the same scores whatever is in the batch with it, in whatever order', async () => {
    const examples = [...raggedExamples(6, 24), ...oneTokenExamples(3, 25)];
    const alone: number[][] = [];
    for (const [index, example] of examples.entries()) {
      const [row = []] = (await judge.judge([example], 'choice')).scores;
      alone[index] = row;
    }
    expectClose((await judge.judge(examples)).scores, alone);
    expectClose((await judge.judge([...examples].reverse())).scores, [...alone].reverse());
  });

  test('lays several short examples beside a long one into few rows, at the same scores', async () => {
    const [long] = oneTokenExamples(1, 26).map((example) => ({ ...example, trunk: Array.from({ length: 30 }, (_, i) => 4 + i) }));
    if (!long) throw new Error('no example');
    const short = oneTokenExamples(4, 27).map((example) => ({ ...example, trunk: example.trunk.slice(0, 7) }));
    const examples = [...short, long];
    const { scores, batch } = await judge.judge(examples, 'choice');
    expect(batch.tensors.token_ids?.dims).toEqual([2, 30]);
    expectClose(scores, await judge.plainScores(examples));
  });
});

const tinyStories = join(sharedFolder, 'models/TinyStories-656K');
const isThere = existsSync(join(tinyStories, 'model.safetensors'));
if (!isThere) console.warn(`skipped: no model in ${tinyStories}`);

(isThere ? test : test.skip)('a trained model with its own tokenizer scores texts as each of them alone would be', async () => {
  const tokenizer = loadTokenizer(tinyStories);
  const judge = new Judge(await loadModel(openCheckpoint(tinyStories), unadapted));
  const items = [
    { prompt: 'Once upon a time there was a little girl named Lily . It was', candidates: [' terrible', ' great'], answer: 1 },
    { prompt: 'Tom fell off the big slide and cried. He was', candidates: [' very sad', ' happy', ' a blue butterfly', ' the'], answer: 0 },
    { prompt: 'The dog wanted to play so', candidates: [' it ran to the ball', ' it slept for a hundred years'], answer: 0 },
  ];
  const examples = items.map((item) => encodeExample(tokenizer, item, { maxLength: 512, vocabularySize: 1e6 }));
  const plain = new BruteForce(backend, judge.model);
  const { scores } = await judge.judge(examples);
  for (const [index, { prompt, candidates }] of items.entries()) {
    for (const [candidate, text] of candidates.entries()) {
      const tokens = tokenizer.encode(prompt + text);
      const wanted = await plain.score(tokens, tokens.length - tokenizer.encode(prompt).length);
      expect(Math.abs((scores[index]?.[candidate] ?? NaN) - wanted)).toBeLessThan(SCORE);
    }
  }
});
