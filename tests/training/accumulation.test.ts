import { describe, expect, test } from '@jest/globals';
import { Engines } from '../../training/engines.js';
import { microBatches, train, type TrainingSettings } from '../../training/train.js';
import { cpuBackend, HERE, type Point } from '../../engine/index.js';
import { resolveOptimizer } from '../../optimizers/index.js';
import { choiceBatch, type Batch, type EncodedExample } from '../../tasks/index.js';
import { mean } from '../support/brute-force.js';
import { choosing, oneTokenExamples, PAD_ID, raggedExamples, tinyFamilies, tinyModel, type TinyFamily } from '../support/tiny-model.js';

const SEED = 5;
const points: readonly Point[] = [HERE, { direction: SEED, scale: 0.01 }, { direction: SEED, scale: -0.01 }];
const settings = { learningRate: 1, epsilon: 1, weightDecay: 0, steps: 1 };
/** A batch's rows are added up in another order than its micro-batches': the last place of a float32 is 6e-8. */
const RELATIVE = 1e-6;

/** Candidates of one token beside longer ones: micro-batches of their own kinds. */
const examples: readonly EncodedExample[] = [...oneTokenExamples(3, 71), ...raggedExamples(7, 72)];

/** One context on the examples, each part being a micro-batch, and a training set of two batches of 7 and 3. */
function engine(family: TinyFamily, parts: number) {
  const model = tinyModel(family);
  const batchOf = (some: readonly EncodedExample[]): Batch[] => microBatches(some, parts).map((part) => choiceBatch(model, part, PAD_ID));
  const trainingBatches = (): Batch[][] => [batchOf(examples.slice(0, 7)), batchOf(examples.slice(7))];
  const engines = new Engines(cpuBackend(1), model);
  return { engines, model, context: engines.context(batchOf(examples), 1, 0, { ...settings, trainingBatches }) };
}

function expectClose(actual: readonly number[], wanted: readonly number[]): void {
  expect(actual).toHaveLength(wanted.length);
  const norm = (values: readonly number[]): number => Math.hypot(...values);
  expect(norm(actual.map((value, i) => value - (wanted[i] ?? NaN)))).toBeLessThan(RELATIVE * norm(wanted));
}

async function gradientOf({ model, context }: ReturnType<typeof engine>): Promise<number[]> {
  const into = model.parameters.allocateBuffers();
  // Twice: a second step must not find the first one's in its way.
  await context.gradient(into);
  const loss = await context.gradient(into);
  return [loss, ...model.parameters.trainable.flatMap((p) => [...model.parameters.heap.floats(model.parameters.buffer(into, p), p.count)])];
}

describe.each(tinyFamilies.map((family) => ({ family })))('on a random $family, micro-batches', ({ family }) => {
  const whole = engine(family, 1);

  test.each([2, 3, 10])('of a tenth to a half of the examples (%d of them) are their batch', async (parts) => {
    const split = engine(family, parts);
    expectClose(await split.context.losses(...points), await whole.context.losses(...points));
    const [actual, wanted] = [await split.context.directionalDerivative(SEED), await whole.context.directionalDerivative(SEED)];
    expectClose([actual.loss, actual.derivative], [wanted.loss, wanted.derivative]);
    expectClose(await gradientOf(split), await gradientOf(whole));
  });

  test('and batches of the training set weigh as much as they have examples', async () => {
    // The whole training set is the batch.
    const wanted = await whole.context.losses(...points);
    expectClose(await whole.context.trainingLosses(...points), wanted);
    expectClose(await engine(family, 3).context.trainingLosses(...points), wanted);
    // The two batches' plain mean would be another loss.
    const halves = [examples.slice(0, 7), examples.slice(7)].map((some) => choiceBatch(whole.model, some, PAD_ID));
    const losses: number[] = [];
    for (const half of halves) {
      const { losses: probe } = whole.engines.context(half, 1, 0, { ...settings, trainingBatches: () => [] });
      losses.push(...(await probe(HERE)));
    }
    expect(Math.abs(mean(losses) - (wanted[0] ?? NaN))).toBeGreaterThan(1000 * RELATIVE);
  });
});

test('micro-batches are counted as the batch they are', async () => {
  const { engines, context, model } = engine('opt', 5);
  const counts = (): [number, number] => [engines.forwards, engines.backwards];
  await context.losses(...points);
  expect(counts()).toEqual([3, 0]);
  await context.directionalDerivative(SEED);
  expect(counts()).toEqual([4, 0]);
  await context.gradient(model.parameters.allocateBuffers());
  expect(counts()).toEqual([5, 1]);
  await context.trainingLosses(HERE);
  expect(counts()).toEqual([7, 1]);
});

test('examples are split as evenly as they can be, in their order', () => {
  expect(microBatches([1, 2, 3, 4, 5, 6], 3)).toEqual([[1, 2], [3, 4], [5, 6]]); // prettier-ignore
  expect(microBatches([1, 2, 3, 4, 5], 3)).toEqual([[1], [2, 3], [4, 5]]);
  expect(microBatches([1, 2], 3)).toEqual([[1], [2]]);
});

test('training in micro-batches goes the way of training in whole batches', async () => {
  const common: TrainingSettings = {
    seed: 1,
    steps: 8,
    batchSize: 6,
    accumulate: 1,
    epsilon: 1e-2,
    learningRate: 1e-2,
    schedule: 'constant',
    warmup: 0,
    weightDecay: 0,
  };
  const losses = async (accumulate: number): Promise<number[]> => {
    const seen: number[] = [];
    const engines = new Engines(cpuBackend(1), tinyModel('opt'));
    const optimizer = await resolveOptimizer('fo-sgd');
    await train(engines, optimizer, examples, choosing(engines.model), { ...common, accumulate }, ({ loss }) =>
      Promise.resolve(void seen.push(loss)),
    );
    return seen;
  };
  expectClose(await losses(4), await losses(1));
});
