import { describe, expect, test } from '@jest/globals';
import { Engines } from '../../training/engines.js';
import { accuracy, macroF1, type Choice } from '../../training/objectives.js';
import { cpuBackend, DivergedError, HERE, UsageError, type Point } from '../../engine/index.js';
import type { CellSettings } from '../../records/record.js';
import { choiceBatch, type EncodedExample } from '../../tasks/index.js';
import { argmax, BruteForce } from '../support/brute-force.js';
import { PAD_ID, raggedExamples, tinyModel } from '../support/tiny-model.js';

const choices = (answers: readonly number[], chosen: readonly number[]): Choice[] =>
  answers.map((answer, index) => ({ answer, chosen: chosen[index] ?? NaN }));

describe('the metrics', () => {
  test.each([
    // Label 0: 1 hit, 2 chosen, 2 right: 2/4. Label 1: 2 hits, 3 chosen, 3 right: 4/6.
    { answers: [0, 0, 1, 1, 1], chosen: [0, 1, 1, 1, 0], share: 3 / 5, f1: (1 / 2 + 2 / 3) / 2 },
    // Label 0: 1 hit, 3 chosen, 1 right: 2/4. The others are never chosen.
    { answers: [0, 1, 2], chosen: [0, 0, 0], share: 1 / 3, f1: 1 / 6 },
    // Labels that occur nowhere, here 0 and 1, do not count.
    { answers: [2, 2], chosen: [2, 2], share: 1, f1: 1 },
    { answers: [0], chosen: [1], share: 0, f1: 0 },
  ])('of $chosen where $answers is right', ({ answers, chosen, share, f1 }) => {
    expect(accuracy(choices(answers, chosen))).toBeCloseTo(share, 15);
    expect(macroF1(choices(answers, chosen))).toBeCloseTo(f1, 15);
  });
});

const SEED = 4;
const SCALE = 0.4;
const EXAMPLES = 24;
const examples = raggedExamples(EXAMPLES, 61);
const points: readonly Point[] = [HERE, { direction: SEED, scale: SCALE }, { direction: SEED, scale: -SCALE }];
const settings = { learningRate: 1, epsilon: 1, weightDecay: 0, steps: 1 };

function context(objective: CellSettings['objective'], parts: readonly (readonly EncodedExample[])[]) {
  const model = tinyModel('opt');
  const [batch, ...rest] = parts.map((part) => choiceBatch(model, part, PAD_ID));
  if (!batch) throw new Error('no batch');
  const trainingBatches = () => [batch, ...rest];
  return new Engines(cpuBackend(1), model, objective).context([batch, ...rest], 1, 0, { ...settings, trainingBatches });
}

/** What the model chooses at each point, theta being moved there and each candidate being judged alone. */
async function plainChoices(): Promise<Choice[][]> {
  const all: Choice[][] = [];
  for (const { direction, scale } of points) {
    const model = tinyModel('opt');
    if (scale !== 0) model.parameters.move(direction, scale);
    const plain = new BruteForce(cpuBackend(1), model);
    const seen: Choice[] = [];
    for (const example of examples) seen.push({ answer: example.answer, chosen: argmax(await plain.scores(example)) });
    all.push(seen);
  }
  return all;
}

describe.each([
  { objective: 'accuracy', metric: accuracy },
  { objective: 'f1', metric: macroF1 },
] as const)('the loss of --objective $objective', ({ objective, metric }) => {
  test('is minus the metric of the batch at each point, also in micro-batches and over the training set', async () => {
    const wanted = (await plainChoices()).map((seen) => -metric(seen));
    // Otherwise the points show nothing.
    expect(new Set(wanted).size).toBe(3);
    const close = (losses: readonly number[]): void => losses.forEach((loss, k) => expect(loss).toBeCloseTo(wanted[k] ?? NaN, 12));
    close(await context(objective, [examples]).losses(...points));
    const parts = [examples.slice(0, 5), examples.slice(5, 6), examples.slice(6)];
    close(await context(objective, parts).losses(...points));
    close(await context(objective, parts).trainingLosses(...points));
  });

  test('has no derivative', async () => {
    const { directionalDerivative, gradient, parameters } = context(objective, [examples]);
    const refusal = new UsageError(`--objective ${objective} has no derivative, and this optimizer asks for one`);
    await expect(directionalDerivative(SEED)).rejects.toThrow(refusal);
    await expect(gradient(parameters.allocateBuffers())).rejects.toThrow(refusal);
  });

  test('of a model whose scores are no numbers has diverged, with the step', async () => {
    const { losses, parameters } = context(objective, [examples]);
    parameters.move(SEED, NaN);
    await expect(losses(HERE)).rejects.toThrow(new DivergedError('the scores are not numbers in step 1'));
  });
});
