import { describe, expect, test } from '@jest/globals';
import { Engines } from '../../training/engines.js';
import { cpuBackend, deriveSeed, masked, noiseKey, uniformWord, type Generated, type Mask, type Parameters } from '../../engine/index.js';
import type { StepContext } from '../../optimizers/index.js';
import { Masks, type MaskOptions } from '../../optimizers/parts/masks.js';
import { choiceBatch } from '../../tasks/index.js';
import { matrixBowls } from '../support/hand-worked.js';
import { Quadratic, type Bowl } from '../support/quadratic.js';
import { PAD_ID, raggedExamples, tinyModel } from '../support/tiny-model.js';

const none: MaskOptions = { sparsity: 0, mask: 'random', maskScope: 'layer', resample: 1 };

const ones: Generated = {
  moves: () => true,
  write: ({ parameters, count }, out) => parameters.heap.kernels.fill(out, count, 1),
};

/** The mask's ones and zeros, by parameter. */
function written(parameters: Parameters, mask: Mask | undefined): Record<string, number[]> {
  const into = parameters.allocateBuffers();
  parameters.materialise(mask ? masked(ones, mask) : ones, into);
  const numbers = (name: string, count: number): number[] => [...parameters.heap.floats(into.get(name) ?? NaN, count)];
  return Object.fromEntries(parameters.trainable.map(({ name, count }) => [name, numbers(name, count)]));
}

const contextOf = (parameters: Parameters, step = 0, changes: Partial<StepContext> = {}): StepContext => ({
  ...new Quadratic([]).context(1, step, { learningRate: 1, epsilon: 1 }),
  parameters,
  ...changes,
});

async function maskOf(
  parameters: Parameters,
  options: Partial<MaskOptions>,
  changes: Partial<StepContext> = {},
): Promise<Record<string, number[]>> {
  return written(parameters, await new Masks({ ...none, ...options }).of(contextOf(parameters, 0, changes)));
}

describe('masks of scores', () => {
  const parametersOf = (bowls: readonly Bowl[]): Parameters => new Quadratic(bowls).parameters;
  const bowl = (name: string, theta: readonly number[]): Bowl => ({ name, trainable: true, theta, a: theta, b: theta });
  const two = [bowl('a', [3, -1, 2, -4]), bowl('b', [0.5, -6])];

  test('keep the largest of each tensor, or of all', async () => {
    expect(await maskOf(parametersOf(two), { sparsity: 0.5, mask: 'magnitude' })).toEqual({ a: [1, 0, 0, 1], b: [0, 1] });
    const all = await maskOf(parametersOf(two), { sparsity: 0.5, mask: 'magnitude', maskScope: 'global' });
    expect(all).toEqual({ a: [1, 0, 0, 1], b: [0, 1] });
    const fewer = await maskOf(parametersOf(two), { sparsity: 0.8, mask: 'magnitude', maskScope: 'global' });
    expect(fewer).toEqual({ a: [0, 0, 0, 0], b: [0, 1] });
    const most = await maskOf(parametersOf(two), { sparsity: 0.2, mask: 'magnitude', maskScope: 'global' });
    expect(most).toEqual({ a: [1, 1, 1, 1], b: [0, 1] });
  });

  test('keep the first of equal ones', async () => {
    const equal = [bowl('a', [0, 0, 0, 0, 0]), bowl('b', [1, -1, 1, 2])];
    expect(await maskOf(parametersOf(equal), { sparsity: 0.5, mask: 'magnitude' })).toEqual({ a: [1, 1, 0, 0, 0], b: [1, 0, 0, 1] });
  });

  test('keep nothing where the sparsity rounds to all', async () => {
    const lone = [bowl('a', [1]), bowl('b', [2])];
    for (const maskScope of ['layer', 'global'] as const) {
      expect(await maskOf(parametersOf(lone), { sparsity: 0.9, mask: 'magnitude', maskScope })).toEqual({ a: [0], b: [0] });
    }
  });

  // W = (1, -2, 0.5; 0, 1.5, -1), norms (3, 0.1, 1): scores (3, 0.2, 0.5; 0, 0.15, 1). The bias is (1, -1).
  test('of Wanda compare the inputs of each output', async () => {
    const activationNorms = () => Promise.resolve(new Map([['theta', Float32Array.of(3, 0.1, 1)]]));
    const { parameters } = new Quadratic(matrixBowls);
    const layer = await maskOf(parameters, { sparsity: 0.34, mask: 'wanda' }, { activationNorms });
    expect(layer).toEqual({ theta: [1, 0, 1, 0, 1, 1], bias: [1, 0] });
    const global = await maskOf(parameters, { sparsity: 0.6, mask: 'wanda', maskScope: 'global' }, { activationNorms });
    expect(global).toEqual({ theta: [1, 0, 0, 0, 0, 1], bias: [1, 0] });
  });
});

describe.each([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9])('a sparsity of %p', (sparsity) => {
  const SIZES = { large: [100, 300], odd: [17, 61], small: [40, 25] } as const;
  /** Weights of three widths, so that the global quantile cuts each tensor at another place. */
  const parameters = new Quadratic(
    Object.entries(SIZES).map(([name, shape], k) => {
      const theta = Array.from({ length: shape[0] * shape[1] }, (_, i) => (k + 1) * (uniformWord(noiseKey(3, name), i) * 2 ** -32 - 0.5));
      return { name, shape, trainable: true, theta, a: theta, b: theta };
    }),
  ).parameters;
  const activationNorms = () => Promise.resolve(new Map([['odd', Float32Array.from({ length: 61 }, (_, i) => 1 + i)]]));

  const share = (mask: readonly number[]): number => mask.filter((value) => value === 0).length / mask.length;
  /** Four standard deviations of a share of so many. */
  const sampling = (count: number): number => 4 * Math.sqrt((sparsity * (1 - sparsity)) / count);

  test('is the share that a random mask sets to 0, of each tensor', async () => {
    const masks = await maskOf(parameters, { sparsity });
    for (const mask of Object.values(masks)) expect(Math.abs(share(mask) - sparsity)).toBeLessThan(sampling(mask.length));
  });

  test('is that of all tensors together in the global scope, each having its own by its small weights', async () => {
    const masks = await maskOf(parameters, { sparsity, maskScope: 'global' });
    const all = Object.values(masks).flat();
    expect(Math.abs(share(all) - sparsity)).toBeLessThan(sampling(all.length));
    const magnitudes = parameters.trainable.map((parameter) => Array.from(parameters.values(parameter), Math.abs));
    const quantile = magnitudes.flat().sort((a, b) => a - b)[Math.round(sparsity * all.length) - 1] ?? NaN;
    parameters.trainable.forEach(({ name, count }, k) => {
      const small = (magnitudes[k] ?? []).filter((value) => value <= quantile).length / count;
      expect(Math.abs(share(masks[name] ?? []) - small)).toBeLessThan(4 * Math.sqrt((small * (1 - small)) / count) + 1e-12);
    });
  });

  test('is exact for masks of scores, which keep the largest', async () => {
    const layer = await maskOf(parameters, { sparsity, mask: 'magnitude' });
    const global = await maskOf(parameters, { sparsity, mask: 'magnitude', maskScope: 'global' });
    for (const masks of [...Object.entries(layer).map(([name, mask]) => ({ [name]: mask })), global]) {
      const entries = Object.entries(masks).flatMap(([name, mask]) =>
        mask.map((kept, i) => ({ kept, score: Math.abs(parameters.values(parameters.get(name))[i] ?? NaN) })),
      );
      expect(entries.filter(({ kept }) => kept === 0)).toHaveLength(Math.round(sparsity * entries.length));
      const smallest = Math.min(...entries.flatMap(({ kept, score }) => (kept === 1 ? [score] : [])));
      const largest = Math.max(...entries.flatMap(({ kept, score }) => (kept === 0 ? [score] : [])));
      expect(smallest).toBeGreaterThanOrEqual(largest);
    }
  });

  test('is exact in every row of a Wanda mask', async () => {
    const { odd = [] } = await maskOf(parameters, { sparsity, mask: 'wanda' }, { activationNorms });
    const values = parameters.values(parameters.get('odd'));
    for (let row = 0; row < 17; row++) {
      const kept = odd.slice(61 * row, 61 * (row + 1));
      const scores = kept.map((_, column) => Math.abs(values[61 * row + column] ?? NaN) * (1 + column));
      const order = [...scores].sort((a, b) => a - b);
      const least = order[Math.round(61 * sparsity)] ?? NaN;
      expect(kept).toEqual(scores.map((score) => Number(score >= least)));
    }
  });
});

describe('a mask', () => {
  const parameters = tinyModel('opt').parameters;

  test.each([1, 3])('is made anew every %i steps', async (resample) => {
    for (const mask of ['random', 'magnitude'] as const) {
      const masks = new Masks({ ...none, sparsity: 0.5, mask, resample });
      const seen: string[] = [];
      for (let step = 0; step < 7; step++) {
        seen.push(JSON.stringify(written(parameters, await masks.of(contextOf(parameters, step)))));
        parameters.move(100 + step, 0.3);
      }
      seen.forEach((one, step) => expect(one === seen[step - 1]).toBe(step % resample !== 0));
    }
  });

  test('of a step is the same whoever asks, and another under another seed', async () => {
    const options = { sparsity: 0.5, resample: 4 };
    const first = await maskOf(parameters, options);
    expect(await maskOf(parameters, options)).toEqual(first);
    expect(await maskOf(parameters, options, { seed: (...path) => deriveSeed(2, ...path) })).not.toEqual(first);
  });

  test.each<Partial<MaskOptions>>([{}, { maskScope: 'global' }, { mask: 'magnitude' }])(
    'is written whole as in parts (%j)',
    async (options) => {
      const mask = await new Masks({ ...none, sparsity: 0.5, ...options }).of(contextOf(parameters));
      if (!mask) throw new Error('no mask');
      const parameter = parameters.get('model.decoder.layers.0.fc1.weight');
      const out = parameters.heap.allocate(parameter.count);
      for (const [first, count] of [
        [0, 5],
        [5, 100],
        [105, parameter.count - 105],
      ] as const) {
        parameters.writeDirection(parameter, first, count, masked(ones, mask), out + 4 * first);
      }
      expect([...parameters.heap.floats(out, parameter.count)]).toEqual(written(parameters, mask)[parameter.name]);
    },
  );

  test('of scores allocates nothing after the first', async () => {
    const model = tinyModel('opt');
    const masks = new Masks({ ...none, sparsity: 0.5, mask: 'magnitude' });
    const context = contextOf(model.parameters);
    await masks.of(context);
    const before = model.parameters.heap.allocate(0);
    await masks.of(context);
    expect(model.parameters.heap.allocate(0)).toBe(before);
  });

  test('of Wanda keeps in each row of a model what its activations say', async () => {
    const model = tinyModel('llama');
    const engines = new Engines(cpuBackend(1), model);
    const batch = choiceBatch(model, raggedExamples(4, 2), PAD_ID);
    const context = engines.context(batch, 1, 0, { learningRate: 1, epsilon: 1, weightDecay: 0, steps: 1, trainingBatches: () => [] });
    const masks = written(model.parameters, await new Masks({ ...none, sparsity: 0.25, mask: 'wanda' }).of(context));
    expect(engines.forwards).toBe(1);
    const norms = await context.activationNorms();
    expect(norms.size).toBe(14);
    for (const [name, features] of norms) {
      const values = model.parameters.values(model.parameters.get(name));
      const kept = masks[name] ?? [];
      for (let first = 0; first < values.length; first += features.length) {
        const scores = [...features].map((feature, column) => Math.abs((values[first + column] ?? NaN) * feature));
        const least = [...scores].sort((a, b) => a - b)[Math.round(0.25 * features.length)] ?? NaN;
        expect(kept.slice(first, first + features.length)).toEqual(scores.map((score) => Number(Math.fround(score) >= Math.fround(least))));
      }
    }
  });
});
