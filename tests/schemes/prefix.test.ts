import { describe, expect, test } from '@jest/globals';
import { cpuBackend, float32Of, floats, integers, ForwardRunner } from '../../engine/index.js';
import { logitsStage, type LanguageModel } from '../../models/index.js';
import { randomTokens } from '../../schemes/random.js';
import { choiceBatch } from '../../tasks/index.js';
import { BruteForce } from '../support/brute-force.js';
import { oneTokenExamples, PAD_ID, schemedModel, tinyModel, VOCABULARY, type TinyFamily } from '../support/tiny-model.js';

const backend = cpuBackend(1);
const families: readonly TinyFamily[] = ['opt', 'llama', 'mistral', 'roberta'];
const SEED = 3;
const LENGTH = 5;
/** Longer than Mistral's window of 3. */
const text = [2, 9, 17, 40, 5, 11, 30];
/** Of logits near 2 in float32, from products in another order. */
const CLOSE = 2e-5;

/**
 * Logits of a text after other tokens, which do not see it and which all of it sees; both have their places from 0 on. In a causal model
 * without a window that is one text, but for the places.
 */
async function logitsAfter(model: LanguageModel, before: readonly number[], tokens: readonly number[]): Promise<number[][]> {
  const { attends } = model.architecture;
  const ids = [...before, ...tokens];
  const length = ids.length;
  const isBefore = (at: number): boolean => at < before.length;
  const sees = (to: number, from: number): boolean => (isBefore(to) === isBefore(from) ? attends(to - from) : isBefore(from));
  const places = ids.map((_, at) => (isBefore(at) ? at : at - before.length));
  const bias = ids.flatMap((_, to) => ids.map((__, from) => (sees(to, from) ? 0 : -1e30)));
  const [made] = await new ForwardRunner(backend, model.parameters).run([...model.architecture.stages, logitsStage(model.architecture)], {
    ...model.tokenInputs(Int32Array.from(ids), 1, length),
    attention_bias: floats([1, length, length], Float32Array.from(bias)),
    ...model.positionInputs(Int32Array.from(places), 1, length),
    read_positions: integers(
      [tokens.length],
      tokens.map((_, at) => before.length + at),
    ),
  });
  const values = float32Of(made ?? {}, 'logits');
  return tokens.map((_, at) => [...values.subarray(at * VOCABULARY, (at + 1) * VOCABULARY)]);
}

function expectClose(made: readonly (readonly number[])[], wanted: readonly (readonly number[])[]): void {
  expect(made).toHaveLength(wanted.length);
  made.forEach((row, at) => row.forEach((logit, token) => expect(Math.abs(logit - (wanted[at]?.[token] ?? NaN))).toBeLessThan(CLOSE)));
}

describe.each(families.map((family) => ({ family })))('a prefix on $family', ({ family }) => {
  test('of activations is as if its tokens had come before the text, seen by all of it, at places of their own', async () => {
    const made = await new BruteForce(backend, await schemedModel(family, `prefix:length=${LENGTH}`, SEED)).logits(text);
    const plain = tinyModel(family);
    expectClose(made, await logitsAfter(plain, randomTokens(LENGTH, SEED, VOCABULARY), text));
    // Otherwise this shows nothing.
    const without = await new BruteForce(backend, plain).logits(text);
    expect(Math.max(...made.flat().map((logit, i) => Math.abs(logit - (without.flat()[i] ?? NaN))))).toBeGreaterThan(0.1);
  });

  test('has keys and values of as many heads as the layers have keys, and moves nothing else', async () => {
    const { parameters } = await schemedModel(family, 'prefix');
    const attention = family === 'roberta' ? 'attention.self' : 'self_attn';
    const width = family === 'opt' || family === 'roberta' ? 16 : 8; // LLaMA's and Mistral's query heads share keys in pairs
    const expected = [0, 1].flatMap((layer) =>
      ['keys', 'values'].map((which) => [`block.${layer}`, `${attention}.prefix_${which}`, [5, width]]),
    );
    expect(parameters.trainable.map(({ stage, local, shape }) => [stage, local, shape])).toEqual(expected);
    expect(parameters.all.filter(({ trainable }) => !trainable).map(({ name }) => name)).toEqual(
      tinyModel(family).parameters.all.map(({ name }) => name),
    );
  });

  if (family !== 'roberta') {
    test('is the same for every text, however texts are laid out in rows', async () => {
      const model = await schemedModel(family, 'prefix:init=random');
      const examples = oneTokenExamples(5, 12);
      const { tensors } = choiceBatch(model, examples, PAD_ID);
      const [made] = await new ForwardRunner(backend, model.parameters).run(model.stages('choice'), tensors);
      const scores = float32Of(made ?? {}, 'scores');
      const plain = new BruteForce(backend, model);
      for (const [example, item] of examples.entries()) {
        const wanted = await plain.scores(item);
        wanted.forEach((score, k) => expect(Math.abs((scores[2 * example + k] ?? NaN) - score)).toBeLessThan(1e-4));
      }
    });
  }
});

test('a prefix that is reparametrised is, layer by layer, W_2 tanh(W_1 E + b_1) + b_2', async () => {
  const model = await schemedModel('llama', 'prefix:length=2:reparam');
  const own = await schemedModel('llama', 'prefix:length=2:init=random');
  for (const parameter of own.parameters.trainable) {
    own.parameters.values(parameter).set(mlp(model, parameter.name.replace('prefix_', 'prefix_mlp_')));
  }
  expectClose(await new BruteForce(backend, model).logits(text), await new BruteForce(backend, own).logits(text));
});

/** The keys or values [2, outputs] that the layer of tanh of that name makes of the shared embeddings, in float64. */
function mlp({ parameters }: LanguageModel, name: string): number[] {
  const of = (parameter: string): number[] => [...parameters.values(parameters.get(parameter))];
  const linear = (x: readonly number[][], layer: number): number[][] => {
    const [weight, bias] = [of(`${name}.${layer}.weight`), of(`${name}.${layer}.bias`)];
    return x.map((row) =>
      bias.map((b, output) => row.reduce((sum, value, i) => sum + value * (weight[output * row.length + i] ?? NaN), b)),
    );
  };
  const embeddings = of('prefix_embeddings');
  const rows = [embeddings.slice(0, embeddings.length / 2), embeddings.slice(embeddings.length / 2)];
  return linear(
    linear(rows, 0).map((row) => row.map(Math.tanh)),
    2,
  ).flat();
}

test('at random it is N(0, 1), drawn from the seed and the name', async () => {
  const valuesOf = async (seed: number): Promise<number[][]> => {
    const { parameters } = await schemedModel('opt', 'prefix:length=64:init=random', seed);
    return parameters.trainable.map((parameter) => [...parameters.values(parameter)]);
  };
  const drawn = await valuesOf(1);
  const all = drawn.flat();
  expect(all).toHaveLength(4096);
  // Within four standard errors.
  expect(Math.abs(all.reduce((sum, value) => sum + value, 0) / 4096)).toBeLessThan(4 / 64);
  expect(Math.abs(all.reduce((sum, value) => sum + value ** 2, 0) / 4096 - 1)).toBeLessThan((4 * Math.SQRT2) / 64);
  expect(new Set(drawn.map(String)).size).toBe(4);
  expect(await valuesOf(1)).toEqual(drawn);
  expect(await valuesOf(2)).not.toEqual(drawn);
});
