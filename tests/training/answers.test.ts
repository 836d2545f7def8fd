import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { AnswerWriter } from '../../training/answers.js';
import { runCell } from '../../cell/run-cell.js';
import { Engines } from '../../training/engines.js';
import { evaluate } from '../../training/evaluate.js';
import { normalInterval } from '../../statistics/intervals.js';
import { cpuBackend, HERE, type Point } from '../../engine/index.js';
import type { LanguageModel, Tokenizer } from '../../models/index.js';
import type { CellSettings } from '../../records/record.js';
import { answerBatch, type EncodedExample } from '../../tasks/index.js';
import { argmax, BruteForce, mean } from '../support/brute-force.js';
import { folderWith } from '../support/data-folder.js';
import { writeTinyCheckpoint } from '../support/tiny-checkpoint.js';
import { PAD_ID, tinyModel } from '../support/tiny-model.js';
import { wordTokenizer } from '../support/word-tokenizer.js';

const backend = cpuBackend(1);
const LINE_BREAK = 7;

/** A token is a word by its number; 7 is the line break. */
const numbers: Tokenizer = {
  ...wordTokenizer(),
  encode: () => [LINE_BREAK],
  decode: (ids) => ids.map((id) => ` word${id}`).join(''),
};

const prompts = [
  [2, 9, 17, 40],
  [2, 8],
  [2, 33, 21, 6, 44],
  [12, 5],
];

/** What the model answers, each text being run anew for each token: 8 of them, a quarter of what it takes, or up to a line break. */
async function plainAnswers(model: LanguageModel): Promise<string[][]> {
  const plain = new BruteForce(backend, model);
  const answers: string[][] = [];
  for (const prompt of prompts) {
    const made: number[] = [];
    while (made.length < 8) {
      const next = argmax((await plain.logits([...prompt, ...made])).at(-1) ?? []);
      if (next === LINE_BREAK) break;
      made.push(next);
    }
    answers.push(made.map((id) => `word${id}`));
  }
  return answers;
}

/** Right of each: the answer itself, its first three words and one that is not there, its last word or what nobody says, nothing of it. */
async function examplesFor(model: LanguageModel): Promise<EncodedExample[]> {
  const answers = await plainAnswers(model);
  const golds = [
    [answers[0]?.join(' ') ?? ''],
    [[...(answers[1]?.slice(0, 3) ?? []), 'absent'].join(' ')],
    ['nobody says this', answers[2]?.at(-1) ?? ''],
    ['absent'],
  ];
  return prompts.map((prompt, k) => ({
    trunk: prompt,
    branches: [{ tokens: [9, LINE_BREAK], scored: 2 }],
    answer: 0,
    question: { prompt, golds: golds[k] ?? [] },
  }));
}

/** By another way than the tasks': words that both have, counted in maps. */
function plainF1(said: readonly string[], golds: readonly string[]): number {
  const scores = golds.map((gold) => {
    const right = gold.split(' ');
    const times = (words: readonly string[], word: string): number => words.filter((other) => other === word).length;
    const common = [...new Set(said)].reduce((sum, word) => sum + Math.min(times(said, word), times(right, word)), 0);
    const [precision, recall] = [common / said.length, common / right.length];
    return common === 0 ? 0 : (2 * precision * recall) / (precision + recall);
  });
  return Math.max(...scores);
}

const f1s = (answers: readonly string[][], examples: readonly EncodedExample[]): number[] =>
  examples.map(({ question }, k) => plainF1(answers[k] ?? [], question?.golds ?? []));

describe('answers that the model writes', () => {
  test('are evaluated by their mean F1, in whatever order they come', async () => {
    const model = tinyModel('llama');
    const examples = await examplesFor(model);
    const scores = f1s(await plainAnswers(model), examples);
    expect(new Set(scores).size).toBe(4);
    const engines = new Engines(backend, model, 'cross-entropy', new AnswerWriter(model, numbers));
    const evaluation = await evaluate(engines, examples, PAD_ID);
    expect(evaluation.score).toBeCloseTo(mean(scores), 12);
    expect([evaluation.correct, evaluation.total]).toEqual([1, 4]);
    expect((await evaluate(engines, examples.toReversed(), PAD_ID)).score).toBeCloseTo(mean(scores), 12);
    expect(engines.forwards).toBe(0);
  });

  test.each([
    ['f1', (scores: readonly number[]) => -mean(scores)],
    ['accuracy', (scores: readonly number[]) => -mean(scores.map((score) => Number(score === 1)))],
  ] as const)('are what %s as an objective is about, at each point by itself', async (objective, lossOf) => {
    const model = tinyModel('llama');
    const examples = await examplesFor(model);
    const points: Point[] = [HERE, { direction: 4, scale: 0.05 }, { direction: 4, scale: -0.05 }, { direction: 4, scale: 1 }];
    const engines = new Engines(backend, model, objective, new AnswerWriter(model, numbers));
    const parts = [examples.slice(0, 1), examples.slice(1)].map((part) => answerBatch(model, part, PAD_ID));
    const settings = { learningRate: 1, epsilon: 1, weightDecay: 0, steps: 1, trainingBatches: () => [] };
    const losses = await engines.context(parts, 1, 0, settings).losses(...points);
    const expected: number[] = [];
    for (const { direction, scale } of points) {
      const moved = tinyModel('llama');
      if (scale !== 0) moved.parameters.move(direction, scale);
      expected.push(lossOf(f1s(await plainAnswers(moved), examples)));
    }
    losses.forEach((loss, k) => expect(loss).toBeCloseTo(expected[k] ?? NaN, 12));
    expect(new Set(losses).size).toBeGreaterThan(1);
    expect(engines.forwards).toBe(4);
  });
});

test('the interval of a mean of scores is z standard errors wide on either side, within 0 and 1', () => {
  // Mean 0.6, deviations 0.4, 0.1, 0.1, 0.6 and 0.4: variance (0.16 + 0.01 + 0.01 + 0.36 + 0.16) / 4 = 0.175.
  const [low, high] = normalInterval([1, 0.5, 0.5, 0, 1]);
  expect(low).toBeCloseTo(0.6 - 1.959964 * Math.sqrt(0.175 / 5), 12);
  expect(high).toBeCloseTo(0.6 + 1.959964 * Math.sqrt(0.175 / 5), 12);
  expect(normalInterval([1, 1, 0.9])[1]).toBe(1);
  expect(normalInterval([0, 0, 0.1])[0]).toBe(0);
});

describe('a cell of SQuAD', () => {
  const checkpoint = mkdtempSync(join(tmpdir(), 'zobench-test-'));
  afterAll(() => rmSync(checkpoint, { recursive: true }));
  const fileOf = (title: string): string => {
    const paragraphs = ['tea', 'soup', 'bread', 'wine', 'rice', 'cake'].map((dish, k) => ({
      context: `the ${dish} was good .`,
      qas: ['was it good ?', 'how was it ?'].map((question, at) => ({ id: `${k}-${at}`, question, answers: [{ text: 'very good' }] })),
    }));
    return JSON.stringify({ version: '1.1', data: [{ title, paragraphs }] });
  };
  const settings: CellSettings = {
    model: checkpoint,
    task: 'squad',
    template: 'aligned',
    scheme: 'full',
    optimizer: 'fo-adam',
    seed: 1,
    data: folderWith({ 'train-v1.1.json': fileOf('dishes'), 'dev-v1.1.json': fileOf('meals') }),
    prompt: null,
    candidates: null,
    label: null,
    testFile: null,
    perClass: null,
    steps: 100,
    batchSize: 4,
    accumulate: 1,
    objective: 'cross-entropy',
    evaluateEvery: 100,
    learningRate: 0.01,
    schedule: 'constant',
    warmup: 0,
    weightDecay: 0,
    epsilon: 1e-3,
    trainSize: 8,
    devSize: 4,
    testSize: 12,
    threads: 1,
    timeoutSeconds: 60,
  };

  test('FO-Adam teaches what is always the answer', async () => {
    writeTinyCheckpoint(checkpoint);
    const { result } = await runCell(settings, () => undefined);
    expect(result.metric).toBe('f1');
    expect(result.zeroShot.test.score).toBeLessThan(0.5);
    expect(result.final.test).toEqual({ score: 1, correct: 12, total: 12, interval: [1, 1] });
    expect(result.testAnswers).toBeUndefined();
  });

  test('ZO-SGD trains on F1 itself', async () => {
    writeTinyCheckpoint(checkpoint);
    const zeroth = {
      ...settings,
      optimizer: 'zo-sgd',
      objective: 'f1',
      steps: 2,
      evaluateEvery: 2,
      accumulate: 2,
      learningRate: 1e-4,
    } as const;
    const { result } = await runCell(zeroth, () => undefined);
    expect(result.curve.every(({ loss }) => loss <= 0 && loss >= -1)).toBe(true);
    expect(result.forwards).toBe(4);
  });
});
