import { beforeAll, describe, expect, test } from '@jest/globals';
import { Engines } from '../../training/engines.js';
import { answersTo, evaluate } from '../../training/evaluate.js';
import { wilsonInterval } from '../../statistics/intervals.js';
import { cpuBackend, DivergedError } from '../../engine/index.js';
import type { EncodedExample } from '../../tasks/index.js';
import { argmax, BruteForce } from '../support/brute-force.js';
import { integersBetween, oneTokenExamples, PAD_ID, raggedExamples, tinyFamilies, tinyModel } from '../support/tiny-model.js';

const backend = cpuBackend(1);

/** More tokens than the evaluation takes into one batch. */
const examples: readonly EncodedExample[] = [...oneTokenExamples(60, 51), ...raggedExamples(40, 52)];

describe.each(tinyFamilies.map((family) => ({ family })))('the accuracy on a random $family', ({ family }) => {
  const model = tinyModel(family);

  let choices: number[];
  beforeAll(async () => {
    const plain = new BruteForce(backend, model);
    choices = [];
    for (const example of examples) choices.push(argmax(await plain.scores(example)));
  });

  test('is the share of examples whose right candidate scores highest when each is judged alone', async () => {
    const right = examples.filter(({ answer }, index) => choices[index] === answer).length;
    expect(right).toBeGreaterThan(10);
    expect(right).toBeLessThan(90);
    const evaluation = await evaluate(new Engines(backend, model), examples, PAD_ID);
    expect(evaluation).toEqual({ score: right / 100, correct: right, total: 100, interval: wilsonInterval(right, 100) });
  });

  test('is told example by example in the order they are given, not in that of their lengths', async () => {
    const wanted = examples.map(({ answer }, index) => choices[index] === answer);
    expect(await answersTo(new Engines(backend, model), examples, PAD_ID)).toEqual(wanted);
  });

  test('is 1 where the answers are what the model says, 0 where none is, in any order', async () => {
    const between = integersBetween(53);
    const told = examples.map((example, index) => ({ ...example, answer: choices[index] ?? 0 }));
    const shuffled = told.map((example) => ({ example, at: between(0, 1e6) })).sort((a, b) => a.at - b.at);
    const engines = new Engines(backend, model);
    const all = await evaluate(
      engines,
      shuffled.map(({ example }) => example),
      PAD_ID,
    );
    expect([all.correct, all.total]).toEqual([100, 100]);
    const wrong = told.map((example) => ({ ...example, answer: (example.answer + 1) % example.branches.length }));
    expect((await evaluate(engines, wrong, PAD_ID)).correct).toBe(0);
  });
});

test('an example counts where any of its right candidates scores highest', async () => {
  const engines = new Engines(backend, tinyModel('opt'));
  const other = ({ answer, branches }: EncodedExample) => branches.map((_, index) => index).filter((index) => index !== answer);
  const { correct } = await evaluate(engines, examples, PAD_ID);
  expect(correct).toBeLessThan(100);
  const all = examples.map((example) => ({ ...example, alsoRight: other(example) }));
  expect((await evaluate(engines, all, PAD_ID)).correct).toBe(100);
});

test('counts no training passes and leaves theta alone', async () => {
  const model = tinyModel('opt');
  const engines = new Engines(backend, model);
  const values = (): number[][] => model.parameters.all.map((parameter) => [...model.parameters.values(parameter)]);
  const before = values();
  await evaluate(engines, examples, PAD_ID);
  expect([engines.forwards, engines.backwards]).toEqual([0, 0]);
  expect(values()).toEqual(before);
});

test('a model whose scores are no numbers has diverged, and no accuracy', async () => {
  const model = tinyModel('opt');
  model.parameters.move(1, NaN);
  const evaluation = evaluate(new Engines(backend, model), examples, PAD_ID);
  await expect(evaluation).rejects.toThrow(DivergedError);
});

describe('the 95 % Wilson interval', () => {
  // Newcombe 1998, Statistics in Medicine 17, table I, method 3.
  test.each([
    { correct: 81, total: 263, low: 0.2553, high: 0.3662 },
    { correct: 15, total: 148, low: 0.0624, high: 0.1605 },
    { correct: 0, total: 20, low: 0, high: 0.1611 },
    { correct: 1, total: 29, low: 0.0061, high: 0.1718 },
  ])('of $correct in $total is the published one', ({ correct, total, low, high }) => {
    const [from, to] = wilsonInterval(correct, total);
    expect(from).toBeCloseTo(low, 4);
    expect(to).toBeCloseTo(high, 4);
  });

  test('is mirrored for the other answer and stays between 0 and 1', () => {
    for (const correct of [0, 1, 7, 19, 20]) {
      const [from, to] = wilsonInterval(correct, 20);
      const [mirroredFrom, mirroredTo] = wilsonInterval(20 - correct, 20);
      expect(from).toBeCloseTo(1 - mirroredTo, 12);
      expect(to).toBeCloseTo(1 - mirroredFrom, 12);
      expect(from).toBeGreaterThanOrEqual(0);
      expect(to).toBeLessThanOrEqual(1);
    }
  });
});
