import { beforeAll, describe, expect, test } from '@jest/globals';
import { BestParameters } from '../../cell/best.js';
import { forwardsPerStep } from '../../benchmarks/plan/estimate.js';
import { Engines, type StepBatch, type StepSettings } from '../../training/engines.js';
import { train, type TrainedStep, type TrainingSettings } from '../../training/train.js';
import { cpuBackend, deriveSeed, DivergedError } from '../../engine/index.js';
import type { LanguageModel } from '../../models/index.js';
import { optimizerIds, resolveOptimizer, type Optimizer, type StepContext } from '../../optimizers/index.js';
import { schemeNamed } from '../../schemes/index.js';
import { choiceBatch, type Batch, type EncodedExample } from '../../tasks/index.js';
import { choosing, oneTokenExamples, PAD_ID, raggedExamples, tinyModel } from '../support/tiny-model.js';

const settings: TrainingSettings = {
  seed: 1,
  steps: 6,
  batchSize: 4,
  accumulate: 1,
  learningRate: 1e-3,
  schedule: 'constant',
  warmup: 0,
  weightDecay: 0,
  epsilon: 1e-3,
};

/** Blocks of the tiny model. */

/** Steps as records have them. */
async function trained(optimizer: Optimizer, changes: Partial<TrainingSettings> = {}, threads = 1): Promise<TrainedStep[]> {
  const steps: TrainedStep[] = [];
  const engines = new Engines(cpuBackend(threads), tinyModel('opt'));
  await train(engines, optimizer, raggedExamples(10, 41), choosing(engines.model), { ...settings, ...changes }, (step) => {
    steps.push(step);
    return Promise.resolve();
  });
  return steps;
}

const losses = (steps: readonly TrainedStep[]): number[] => steps.map(({ loss }) => loss);

/** An optimizer that does nothing but this. */
function doing(step: (context: StepContext) => Promise<{ loss: number }>): Optimizer {
  return {
    id: 'test',
    order: 'zeroth',
    cost: { forwards: 0, backwards: 0 },
    defaults: { learningRate: 1 },
    stateArrays: 0,
    init: () => undefined,
    step,
  };
}

describe.each(optimizerIds.map((id) => ({ id })))('training with $id', ({ id }) => {
  let optimizer: Optimizer;
  let steps: TrainedStep[];
  beforeAll(async () => {
    optimizer = await resolveOptimizer(id);
    steps = await trained(optimizer);
  });

  test('counts steps from 1 and the forward passes up to each', () => {
    expect(steps.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6]);
    steps.forEach(({ forwards }, index) => expect(forwards).toBeGreaterThan(steps[index - 1]?.forwards ?? 0));
  });

  test('takes the passes that it declares, on average over six steps', () => {
    // Three batches of the training set: 4, 4 and 2 of the 10 examples.
    expect(steps.at(-1)?.forwards).toBe(
      6 * forwardsPerStep(optimizer.cost, tinyModel('opt').parameters.trainable, { trainSize: 10, batchSize: 4 }),
    );
  });

  test('repeats its loss curve bit for bit under the same seed', async () => {
    expect(losses(await trained(optimizer))).toEqual(losses(steps));
  });

  test('repeats its loss curve to 1e-5 on two threads', async () => {
    const curve = losses(await trained(optimizer, {}, 2));
    steps.forEach(({ loss }, step) => expect(Math.abs((curve[step] ?? NaN) - loss)).toBeLessThan(1e-5));
  });

  test('has another loss curve under another seed', async () => {
    expect(losses(await trained(optimizer, { seed: 2, steps: 1 }))).not.toEqual(losses(steps.slice(0, 1)));
  });
});

describe('an epoch', () => {
  /** Remembers which examples each batch holds: their prompts begin with a token of their own. */
  class Watching extends Engines {
    readonly seen: number[][] = [];

    override context(batch: StepBatch, ...rest: [runSeed: number, step: number, settings: StepSettings]) {
      const parts = 'tensors' in batch ? [batch] : batch;
      const ids = parts.flatMap(({ tensors }) => Array.from(tensors.token_ids?.data ?? [], Number));
      this.seen.push(ids.filter((id) => id >= FIRST));
      return super.context(batch, ...rest);
    }
  }

  const FIRST = 10;
  const EXAMPLES = 10;
  const marked: EncodedExample[] = Array.from({ length: EXAMPLES }, (_, index) => ({
    trunk: [FIRST + index, 2, 3],
    branches: [7, 9].map((token) => ({ tokens: [token], scored: 1 })),
    answer: 0,
  }));

  async function batchesOf(batchSize: number, steps: number, seed = 1): Promise<number[][]> {
    const engines = new Watching(cpuBackend(1), tinyModel('opt'));
    const idle = doing(() => Promise.resolve({ loss: 0 }));
    await train(engines, idle, marked, choosing(engines.model), { ...settings, seed, steps, batchSize }, () => Promise.resolve());
    return engines.seen;
  }

  const everyOne = marked.map((_, index) => FIRST + index);
  const sorted = (values: readonly number[]): number[] => [...values].sort((a, b) => a - b);

  test.each([1, 4, 10])('visits every example once, in batches of %d', async (batchSize) => {
    const epochs = 4;
    const batches = await batchesOf(batchSize, (epochs * EXAMPLES) / batchSize);
    batches.forEach((batch) => expect(batch).toHaveLength(batchSize));
    // The order within a batch is not seen: only batches that end with an epoch say what was in it.
    for (let epoch = 0; epoch < epochs && EXAMPLES % batchSize === 0; epoch++) {
      expect(sorted(batches.flat().slice(epoch * EXAMPLES, (epoch + 1) * EXAMPLES))).toEqual(everyOne);
    }
    const counts = everyOne.map((id) => batches.flat().filter((seen) => seen === id).length);
    expect(counts).toEqual(everyOne.map(() => epochs));
  });

  test('has an order of its own, drawn from the seed', async () => {
    const [first, second] = await batchesOf(5, 4).then((batches) => [batches.slice(0, 2), batches.slice(2)]);
    expect(first?.map(sorted)).not.toEqual(second?.map(sorted));
    expect(await batchesOf(5, 4)).toEqual([...(first ?? []), ...(second ?? [])]);
    expect(await batchesOf(5, 4, 2)).not.toEqual([...(first ?? []), ...(second ?? [])]);
  });
});

test('a step is told the learning rate of its place in the schedule, and everything else as it is', async () => {
  const told: StepContext[] = [];
  const idle = doing((context) => {
    told.push(context);
    return Promise.resolve({ loss: 0 });
  });
  await trained(idle, { steps: 5, learningRate: 0.4, schedule: 'linear', warmup: 0.2, weightDecay: 0.03, epsilon: null });
  // One step of warm-up, then four from 1 down.
  [0.4, 0.4, 0.3, 0.2, 0.1].forEach((rate, step) => expect(told[step]?.learningRate).toBeCloseTo(rate, 15));
  for (const { weightDecay, epsilon, steps } of told) expect([weightDecay, epsilon, steps]).toEqual([0.03, NaN, 5]);
});

describe('a loss that is not a number ends the training with the number of its step', () => {
  const probes: Readonly<Record<string, (context: StepContext) => Promise<number | undefined>>> = {
    'a forward pass': async ({ losses: probe, seed }) => (await probe({ direction: seed(), scale: 0 }))[0],
    'a forward-mode pass': async ({ directionalDerivative, seed }) => (await directionalDerivative(seed())).loss,
    'a backward pass': ({ gradient, parameters }) => gradient(parameters.allocateBuffers()),
  };

  test.each(Object.keys(probes))('seen by %s', async (name) => {
    const poisoning = doing(async (context) => {
      const loss = (await probes[name]?.(context)) ?? NaN;
      if (context.step === 2) context.parameters.move(context.seed(), NaN);
      return { loss };
    });
    const done: number[] = [];
    const engines = new Engines(cpuBackend(1), tinyModel('opt'));
    const training = train(engines, poisoning, raggedExamples(10, 41), choosing(engines.model), settings, ({ step }) => {
      done.push(step);
      return Promise.resolve();
    });
    const error: unknown = await training.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(DivergedError);
    expect((error as Error).message).toBe('the loss is NaN in step 4');
    expect(done).toEqual([1, 2, 3]);
  });
});

test('passes are counted: one for each point, one for a forward-mode pass, one and one backwards for a gradient', async () => {
  const model = tinyModel('opt');
  const engines = new Engines(cpuBackend(1), model);
  const counts = (): [number, number] => [engines.forwards, engines.backwards];
  const { losses: probe, directionalDerivative, gradient, seed } = engines.context(batchFor(model), deriveSeed(1), 0, settingsOfStep);
  expect(counts()).toEqual([0, 0]);
  await probe(...[1e-3, -1e-3, 2e-3].map((scale) => ({ direction: seed(), scale })));
  expect(counts()).toEqual([3, 0]);
  await directionalDerivative(seed());
  expect(counts()).toEqual([4, 0]);
  await gradient(model.parameters.allocateBuffers());
  expect(counts()).toEqual([5, 1]);
});

const settingsOfStep = { learningRate: 1, epsilon: 1, weightDecay: 0, steps: 1, trainingBatches: () => [] };
const batchFor = (model: LanguageModel): Batch => choiceBatch(model, oneTokenExamples(4, 42), PAD_ID);

test('a step has seeds of its own, one for each path', () => {
  const model = tinyModel('opt');
  const engines = new Engines(cpuBackend(1), model);
  const seeds = [1, 2].flatMap((runSeed) =>
    [0, 1].flatMap((step) => {
      const { seed } = engines.context(batchFor(model), runSeed, step, settingsOfStep);
      return [seed(), seed(0), seed(1), seed(0, 1)];
    }),
  );
  expect(new Set(seeds).size).toBe(16);
});

test('none of the ways to see a loss changes theta', async () => {
  const model = tinyModel('opt');
  const bytes = (): Buffer[] => model.parameters.all.map((parameter) => Buffer.from(model.parameters.values(parameter).slice().buffer));
  const before = bytes();
  const context = new Engines(cpuBackend(1), model).context(batchFor(model), deriveSeed(1), 0, settingsOfStep);
  const z = context.seed();
  await context.losses({ direction: z, scale: 0.5 }, { direction: z, scale: -0.5 });
  await context.directionalDerivative(z);
  await context.gradient(model.parameters.allocateBuffers());
  expect(bytes()).toEqual(before);
});

describe('the best parameters', () => {
  test('come back bit for bit, with zeros of either sign and the smallest numbers, as often as asked', () => {
    const { parameters } = tinyModel('opt');
    const [first] = parameters.trainable;
    if (!first) throw new Error('no parameter');
    parameters.values(first).set([-0, 0, 1e-45, -3.4e38, Infinity, NaN]);
    const bits = (): number[][] =>
      parameters.all.map((parameter) => Array.from(new Uint32Array(parameters.values(parameter).slice().buffer)));
    const saved = bits();
    const best = new BestParameters(parameters);
    best.save();
    for (let time = 0; time < 2; time++) {
      parameters.move(deriveSeed(1), 0.1);
      expect(bits()).not.toEqual(saved);
      best.restore();
      expect(bits()).toEqual(saved);
    }
    best.delete();
  });

  test('are those saved last', () => {
    const { parameters } = tinyModel('opt', schemeNamed('lora').adaptation(1));
    const values = (): number[][] => parameters.trainable.map((parameter) => [...parameters.values(parameter)]);
    const best = new BestParameters(parameters);
    best.save();
    parameters.move(deriveSeed(1), 0.1);
    best.save();
    const saved = values();
    parameters.move(deriveSeed(2), 0.1);
    best.restore();
    expect(values()).toEqual(saved);
    best.delete();
  });
});
