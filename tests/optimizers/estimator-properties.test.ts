import { describe, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { z } from 'zod';
import { Engines, type StepSettings } from '../../training/engines.js';
import {
  Combination,
  cpuBackend,
  HERE,
  masked,
  noiseKey,
  rademacher,
  restricted,
  scaled,
  smallWeights,
  standardNormal,
  weights,
  type Direction,
  type Point,
} from '../../engine/index.js';
import type { LanguageModel } from '../../models/index.js';
import { resolveOptimizer, type StepContext } from '../../optimizers/index.js';
import { Estimator, estimatorOptions } from '../../optimizers/parts/estimator.js';
import { choiceBatch, type Batch } from '../../tasks/index.js';
import { bytesOf, familyNames, flat, gradientOf, tinyBatch, tinyModel as smallestModel } from '../support/engine-models.js';
import { dot, farthest } from '../support/engine-numbers.js';
import { PAD_ID, raggedExamples, tinyModel } from '../support/tiny-model.js';

const SEED = 3;

const settings = (batch: Batch): StepSettings => ({
  learningRate: 1e-3,
  epsilon: 1e-3,
  weightDecay: 0,
  steps: 100,
  trainingBatches: () => [batch],
});

const batchOf = (model: LanguageModel): Batch => choiceBatch(model, raggedExamples(4, 1), PAD_ID);

function contextOf(model: LanguageModel, step = 0): StepContext {
  const batch = batchOf(model);
  return new Engines(cpuBackend(1), model).context(batch, SEED, step, settings(batch));
}

const estimator = (options: object): Estimator => new Estimator(z.object(estimatorOptions).parse(options));

describe('the sum of q directions made again from their seeds', () => {
  /** The kernels make z to 1e-6 of its definition, and g is a float32. */
  const ROUNDING = 2e-6;

  test.each([1, 2, 5])('is the dense sum in float64: q=%i', async (q) => {
    const model = tinyModel('opt');
    const { parameters } = model;
    const context = contextOf(model);
    const { g, derivatives } = await estimator({ q }).estimate(context);
    const dense = parameters.trainable.flatMap(({ name, count }) => {
      const keys = derivatives.map((_, query) => noiseKey(context.seed(query), name));
      return Array.from({ length: count }, (_, element) =>
        keys.reduce((sum, key, query) => sum + ((derivatives[query] ?? NaN) * standardNormal(key, element)) / q, 0),
      );
    });
    const made = parameters.allocateBuffers();
    parameters.materialise(g, made);
    expect(derivatives).toHaveLength(q);
    expect(farthest(flat(model, made), dense)).toBeLessThan(ROUNDING * Math.max(...dense.map(Math.abs)));
  });
});

describe('theta is bit for bit what it was', () => {
  const seeds = fc.integer({ min: 0, max: 1000 });
  const directions: fc.Arbitrary<Direction> = fc.oneof(
    seeds,
    seeds.map(rademacher),
    seeds.map((seed) => restricted(seed, ({ name }) => name.length % 2 === 0)),
    seeds.map((seed) => scaled(seed, ({ count }) => Math.sqrt(count))),
    seeds.map((seed) =>
      masked(
        seed,
        smallWeights(() => 0.1),
      ),
    ),
    seeds.map(
      (seed) =>
        new Combination([
          { direction: seed, scale: 2 },
          { direction: weights, scale: -1 },
        ]),
    ),
  );
  const scales = fc.double({ min: -0.1, max: 0.1, noNaN: true });
  const calls: fc.Arbitrary<Point[]> = fc.oneof(
    fc.array(fc.oneof(fc.constant(HERE), fc.record({ direction: directions, scale: scales })), { minLength: 1, maxLength: 3 }),
    fc.tuple(directions, scales).map(([direction, scale]) => [
      { direction, scale },
      { direction, scale: -scale },
    ]),
  );

  test.each(['opt', 'llama'] as const)('after any probes of a tiny %s', async (family) => {
    const model = tinyModel(family);
    const { losses } = contextOf(model);
    const before = bytesOf(model);
    await fc.assert(
      fc.asyncProperty(fc.array(calls, { minLength: 1, maxLength: 3 }), async (probes) => {
        for (const points of probes) await losses(...points);
        expect(bytesOf(model)).toBe(before);
      }),
      { numRuns: 25, seed: SEED },
    );
  });
});

describe('threads', () => {
  /** Wide enough that ONNX Runtime uses the second thread. */
  const WIDE = { hidden_size: 64, ffn_dim: 256, vocab_size: 512, max_position_embeddings: 32, num_hidden_layers: 1 };
  const STEPS = 8;

  async function train(name: string, threads: number): Promise<number[]> {
    const model = smallestModel('opt', undefined, WIDE);
    const batch: Batch = { ...batchOf(tinyModel('opt')), objective: 'tokens', tensors: tinyBatch(model, 4, 32) };
    const engines = new Engines(cpuBackend(threads), model);
    const optimizer = await resolveOptimizer(name);
    const state = optimizer.init(model.parameters);
    const run = { ...settings(batch), epsilon: 1e-2 };
    for (let step = 0; step < STEPS; step++) await optimizer.step(engines.context(batch, SEED, step, run), state);
    return model.parameters.trainable.flatMap((parameter) => [...model.parameters.values(parameter)]);
  }

  // In a forward pass threads share out the rows and columns of products, and no sum.
  test.each(['zo-sgd', 'zo-sgd-mmt', 'zo-adam'])('%s goes the same way again, with one and with two, bit for bit', async (name) => {
    const [one, again, two] = [await train(name, 1), await train(name, 1), await train(name, 2)];
    expect(farthest(again, one)).toBe(0);
    expect(farthest(two, one)).toBe(0);
  });
});

describe('memory', () => {
  /** Elements of the heap that some steps of ZO-SGD ask for. */
  async function allocated(name: string): Promise<number> {
    const model = tinyModel('opt');
    const batch = batchOf(model);
    const engines = new Engines(cpuBackend(1), model);
    const optimizer = await resolveOptimizer(name);
    const asked = [jest.spyOn(model.parameters.heap, 'allocate'), jest.spyOn(model.parameters.heap, 'allocateArray')];
    const state = optimizer.init(model.parameters);
    for (let step = 0; step < 3; step++) await optimizer.step(engines.context(batch, SEED, step, settings(batch)), state);
    return asked.flatMap(({ mock }) => mock.calls).reduce((sum, [count]) => sum + count, 0);
  }

  test.each(['', ':sides=one', ':noise=rademacher'])('sixteen directions take what one takes: zo-sgd%s', async (options) => {
    const one = await allocated(`zo-sgd${options}`);
    expect(one).toBeGreaterThan(0);
    expect(await allocated(`zo-sgd:q=16${options}`)).toBe(one);
  });
});

describe('on a language model the mean of the estimate over seeds is the gradient', () => {
  const DRAWS = 200;
  /** Standard errors: of a few hundred components, fresh draws would pass this once in ten thousand times. */
  const BOUND = 5;

  test.each([
    ...familyNames.map((family) => ({ family, options: {} })),
    ...[{ sides: 'one' }, { noise: 'rademacher' }, { q: 2 }].map((options) => ({ family: 'opt' as const, options })),
  ])('a tiny $family, $options', async ({ family, options }) => {
    // Few parameters, so that the gradient stands out from the estimates' noise.
    const model = smallestModel(family, (name) => /norm/i.test(name));
    const { parameters } = model;
    const tensors = tinyBatch(model);
    const gradient = flat(model, await gradientOf(model, tensors));
    const batch: Batch = { ...batchOf(tinyModel('opt')), objective: 'tokens', tensors };
    const engines = new Engines(cpuBackend(1), model);
    const room = parameters.allocateBuffers();
    const [sums, squares] = [gradient.map(() => 0), gradient.map(() => 0)];
    let along = 0;
    for (let step = 0; step < DRAWS; step++) {
      const { g } = await estimator(options).estimate(engines.context(batch, SEED, step, settings(batch)));
      parameters.materialise(g, room);
      const drawn = flat(model, room);
      along += dot(drawn, gradient) / dot(gradient, gradient) / DRAWS;
      drawn.forEach((value, i) => {
        sums[i] = (sums[i] ?? NaN) + value;
        squares[i] = (squares[i] ?? NaN) + value * value;
      });
    }
    const scores = gradient.map((expected, i) => {
      const mean = (sums[i] ?? NaN) / DRAWS;
      return (mean - expected) / Math.sqrt(((squares[i] ?? NaN) / DRAWS - mean * mean) / DRAWS);
    });
    expect(Math.max(...scores.map(Math.abs))).toBeLessThan(BOUND);
    // Along the gradient the estimate is (|g| times a normal number) squared: its mean is 1, and its standard deviation at most sqrt(2).
    expect(Math.abs(along - 1)).toBeLessThan(BOUND * Math.sqrt(2 / DRAWS));
  });
});
