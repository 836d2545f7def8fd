import { describe, expect, test } from '@jest/globals';
import { BackwardRunner, cpuBackend, JvpRunner, type Direction } from '../../../engine/index.js';
import type { LanguageModel } from '../../../models/model.js';
import {
  bytesOf,
  familyNames,
  flat,
  float64Losses,
  gradientAlong,
  lossOf,
  tinyBatch,
  tinyModel,
  writtenDirection,
} from '../../support/engine-models.js';
import { relativeError } from '../../support/engine-numbers.js';

/** Derivatives of losses in float32, sums of some hundred terms of either sign, as parts of their typical size. */
const FLOAT32 = 5e-6;
/** The step balances truncation, O(step^2), and float64 rounding, O(1e-16 / step): both below float32's. */
const STEP = 1e-5;
const SEED = 5;

const backend = cpuBackend(1);

async function derivative(model: LanguageModel, direction: Direction = SEED): Promise<{ loss: number; along: number }> {
  const runner = new JvpRunner(backend, model.parameters);
  const { values, tangents } = await runner.run(model.stages('tokens'), tinyBatch(model), direction);
  const result = { loss: lossOf(values), along: lossOf(tangents) };
  await runner.release();
  return result;
}

async function differenceAlong(model: LanguageModel, seed: number): Promise<number> {
  const direction = writtenDirection(model, seed);
  const [plus = NaN, minus = NaN] = await float64Losses(model, tinyBatch(model), direction, [STEP, -STEP]);
  return (plus - minus) / (2 * STEP);
}

const parts: readonly (readonly [string, (name: string) => boolean])[] = [
  ['everything', () => true],
  ['the first block', (name) => /layers?\.0\./.test(name)],
  ['one key projection', (name) => /layers?\.1\..*(k_proj|key)\.weight/.test(name)],
  ['normalisations', (name) => /norm/i.test(name)],
  ['the embeddings', (name) => name.includes('embed')],
  ['all but the embeddings', (name) => !name.includes('embed')],
];

describe.each(familyNames.flatMap((family) => parts.map(([part, trains]) => ({ family, part, trains }))))(
  'a tiny $family of which $part move',
  ({ family, trains }) => {
    test('has along a seed the derivative that the gradient and central differences give', async () => {
      const model = tinyModel(family, trains);
      const { along } = await derivative(model);
      const gradient = await gradientAlong(model, tinyBatch(model), SEED);
      const difference = await differenceAlong(model, SEED);
      expect(Math.abs(along - difference)).toBeLessThan(FLOAT32 * gradient.typical);
      expect(Math.abs(gradient.along - difference)).toBeLessThan(FLOAT32 * gradient.typical);
    });
  },
);

describe.each(familyNames)('forward mode on a tiny %s', (family) => {
  test('gives the loss too, and leaves the parameters bit for bit', async () => {
    const model = tinyModel(family);
    const before = bytesOf(model);
    const { loss } = await derivative(model);
    const backpropagation = new BackwardRunner(backend, model.parameters);
    const composed = await backpropagation.run(model.stages('tokens'), tinyBatch(model), model.parameters.allocateBuffers());
    await backpropagation.release();
    expect(relativeError(loss, composed)).toBeLessThan(FLOAT32);
    expect(bytesOf(model)).toBe(before);
  });

  test('along arrays equals that along the seed they were written from, bit for bit', async () => {
    const model = tinyModel(family);
    expect(await derivative(model, writtenDirection(model, SEED))).toEqual(await derivative(model));
  });

  test('with one runner gives the same for every seed as with a new one', async () => {
    const model = tinyModel(family);
    const runner = new JvpRunner(backend, model.parameters);
    for (const seed of [1, 2, 1]) {
      const { tangents } = await runner.run(model.stages('tokens'), tinyBatch(model), seed);
      expect(lossOf(tangents)).toBe((await derivative(model, seed)).along);
    }
    await runner.release();
  });
});

test('backpropagation gives zero where a parameter has no influence, whatever was there before', async () => {
  const model = tinyModel('opt');
  model.parameters.add('unused', [3], true);
  const gradients = model.parameters.allocateBuffers();
  const unused = model.parameters.buffer(gradients, model.parameters.get('unused'));
  model.parameters.heap.floats(unused, 3).fill(7);
  const backpropagation = new BackwardRunner(backend, model.parameters);
  await backpropagation.run(model.stages('tokens'), tinyBatch(model), gradients);
  expect([...model.parameters.heap.floats(unused, 3)]).toEqual([0, 0, 0]);
  expect(flat(model, gradients).some((g) => g !== 0)).toBe(true);
  await expect(backpropagation.run(model.stages('tokens'), {}, gradients)).rejects.toThrow('the batch lacks token_ids');
  await backpropagation.release();
});
