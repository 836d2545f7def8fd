import { describe, expect, test } from '@jest/globals';
import {
  BackwardRunner,
  cpuBackend,
  float32Of,
  noiseKey,
  ForwardRunner,
  standardNormal,
  type Parameter,
  type Tensors,
} from '../../engine/index.js';
import type { LanguageModel } from '../../models/index.js';
import { schemeNamed } from '../../schemes/index.js';
import { choiceBatch } from '../../tasks/index.js';
import { BruteForce } from '../support/brute-force.js';
import { PAD_ID, raggedExamples, tinyFamilies, tinyModel, type TinyFamily } from '../support/tiny-model.js';

const backend = cpuBackend(1);
const RANK = 8;
const ALPHA = 16;
const WIDTH = 16;
const sequence = [2, 9, 17, 40, 5, 11];

const adapted = (family: TinyFamily, seed = 3): LanguageModel => tinyModel(family, schemeNamed('lora').adaptation(seed));

function valuesOf({ parameters }: LanguageModel, name: string): number[] {
  return [...parameters.values(parameters.get(name))];
}

/** Gives every B random values, as if trained: at B = 0 the gradient of A is zero. */
function trainB({ parameters }: LanguageModel): void {
  for (const parameter of parameters.trainable.filter(({ name }) => name.includes('.lora_B.'))) {
    const key = noiseKey(5, parameter.name);
    const values = parameters.values(parameter);
    for (let i = 0; i < values.length; i++) values[i] = 0.2 * standardNormal(key, i);
  }
}

describe.each(tinyFamilies.map((family) => ({ family })))('lora on $family', ({ family }) => {
  const module = (layer: number, name: string): string =>
    `model.${family === 'opt' ? 'decoder.' : ''}layers.${layer}.self_attn.${name}_proj`;
  // LLaMA's and Mistral's four query heads share two value heads, so the values are half as wide.
  const valueWidth = family === 'opt' ? WIDTH : WIDTH / 2;

  test('trains A and B of the query and value projections of every layer, and nothing else', () => {
    const { parameters } = adapted(family);
    const expected = [0, 1].flatMap((layer) =>
      [
        { name: 'q', outputs: WIDTH },
        { name: 'v', outputs: valueWidth },
      ].flatMap(({ name, outputs }) => [
        { name: `${module(layer, name)}.lora_A.weight`, shape: [RANK, WIDTH] },
        { name: `${module(layer, name)}.lora_B.weight`, shape: [outputs, RANK] },
      ]),
    );
    const byName = (a: { readonly name: string }, b: { readonly name: string }): number => (a.name < b.name ? -1 : 1);
    expect(parameters.trainable.map(({ name, shape }) => ({ name, shape })).sort(byName)).toEqual(expected.sort(byName));
    const plain = tinyModel(family).parameters.all.map(({ name }) => name);
    expect(parameters.all.filter(({ trainable }) => !trainable).map(({ name }) => name)).toEqual(plain);
  });

  test('leaves every logit bit for bit as it was until it is trained', async () => {
    const plain = await new BruteForce(backend, tinyModel(family)).logits(sequence);
    expect(await new BruteForce(backend, adapted(family)).logits(sequence)).toEqual(plain);
  });

  test('starts B at zero and A within 1 / sqrt(inputs), spread over it, drawn from the seed and the name', () => {
    const model = adapted(family);
    const all = [0, 1].flatMap((layer) => ['q', 'v'].map((name) => module(layer, name)));
    for (const name of all) expect(new Set(valuesOf(model, `${name}.lora_B.weight`))).toEqual(new Set([0]));
    const drawn = all.map((name) => valuesOf(model, `${name}.lora_A.weight`));
    const bound = WIDTH ** -0.5;
    drawn.flat().forEach((value) => expect(Math.abs(value)).toBeLessThanOrEqual(bound));
    // 512 uniform draws: the mean is 0 and the mean square bound^2 / 3, within four standard errors.
    const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(Math.abs(mean(drawn.flat()))).toBeLessThan((4 * bound) / Math.sqrt(3 * 512));
    expect(Math.abs(mean(drawn.flat().map((value) => value ** 2)) - bound ** 2 / 3)).toBeLessThan(4 * bound ** 2 * Math.sqrt(4 / 45 / 512));
    expect(new Set(drawn.map(String)).size).toBe(all.length);

    const [name = ''] = all;
    expect(valuesOf(adapted(family), `${name}.lora_A.weight`)).toEqual(drawn[0]);
    expect(valuesOf(adapted(family, 4), `${name}.lora_A.weight`)).not.toEqual(drawn[0]);
  });

  test('is the same as adding (alpha / r) B A to the weights', async () => {
    const model = adapted(family);
    trainB(model);
    const merged = tinyModel(family);
    for (const layer of [0, 1]) {
      for (const name of ['q', 'v']) {
        const [a, b] = ['A', 'B'].map((part) => valuesOf(model, `${module(layer, name)}.lora_${part}.weight`));
        const weight = merged.parameters.values(merged.parameters.get(`${module(layer, name)}.weight`));
        addProduct(weight, a ?? [], b ?? []);
      }
    }
    const [made, wanted] = await Promise.all([model, merged].map((each) => new BruteForce(backend, each).logits(sequence)));
    const untrained = await new BruteForce(backend, tinyModel(family)).logits(sequence);
    // Logits near 2 in float32, from products in another order.
    expect(largestDifference(made, wanted)).toBeLessThan(2e-5);
    expect(largestDifference(made, untrained)).toBeGreaterThan(0.1);
  });

  test('has at theta + scale z the loss that a model moved there has, however many points are probed together', async () => {
    const loss = (tensors: Tensors | undefined): number => float32Of(tensors ?? {}, 'loss')[0] ?? NaN;
    const z = 77;
    const moved = await Promise.all(
      [0, 0.1, -0.1, 0.3].map(async (scale) => {
        const model = adapted(family);
        trainB(model);
        model.parameters.move(z, scale);
        const { objective, tensors } = choiceBatch(model, raggedExamples(3, 8), PAD_ID);
        return loss((await new ForwardRunner(backend, model.parameters).run(model.stages(objective), tensors))[0]);
      }),
    );
    const [, plus, minus, far] = moved;
    expect(new Set(moved).size).toBe(4);
    const model = adapted(family);
    trainB(model);
    const runner = new ForwardRunner(backend, model.parameters);
    const { objective, tensors } = choiceBatch(model, raggedExamples(3, 8), PAD_ID);
    for (const scales of [[0.1], [0.1, -0.1], [-0.1, 0.3, 0.1]]) {
      const points = scales.map((scale) => ({ direction: z, scale }));
      const seen = (await runner.run(model.stages(objective), tensors, points)).map(loss);
      // The perturbed parameters are rounded alike, so the losses are the same but for the last place.
      seen.forEach((value, k) => expect(value).toBeCloseTo({ 0.1: plus, [-0.1]: minus, 0.3: far }[scales[k] ?? 0] ?? NaN, 5));
    }
  });

  test('has a gradient in every A and B that finite differences of the loss confirm', async () => {
    const model = adapted(family);
    trainB(model);
    const { parameters } = model;
    const { objective, tensors } = choiceBatch(model, raggedExamples(3, 8), PAD_ID);
    const stages = model.stages(objective);
    const gradients = parameters.allocateBuffers();
    await new BackwardRunner(backend, parameters).run(stages, tensors, gradients);
    const runner = new ForwardRunner(backend, parameters);
    const only = parameters.allocateBuffers();
    const buffer = (of: typeof only, parameter: Parameter): Float32Array =>
      parameters.heap.floats(parameters.buffer(of, parameter), parameter.count);

    const slope = async (h: number): Promise<number> => {
      const points = [h, -h].map((scale) => ({ direction: only, scale }));
      const [plus = NaN, minus = NaN] = (await runner.run(stages, tensors, points)).map((made) => float32Of(made, 'loss')[0] ?? NaN);
      return (plus - minus) / (2 * h);
    };
    await slope(1); // reserves its memory: later views of the heap stay good
    for (const parameter of parameters.trainable) {
      // Along the gradient itself, in this parameter alone: the derivative is the gradient's norm.
      const gradient = buffer(gradients, parameter);
      const norm = Math.sqrt(gradient.reduce((sum, g) => sum + g * g, 0));
      expect(norm).toBeGreaterThan(1e-3);
      buffer(only, parameter).set(gradient.map((g) => g / norm));
      const h = 0.005;
      const richardson = (4 * (await slope(h)) - (await slope(2 * h))) / 3;
      buffer(only, parameter).fill(0);
      // Losses up to 5 in float32 give a slope good to 1e-4. OPT's ReLUs have kinks between the points, which count in full.
      expect(Math.abs(richardson - norm)).toBeLessThan(family === 'opt' ? 1e-2 * norm : 1e-4 + 1e-3 * norm);
    }
  });
});

test('leaves every logit of RoBERTa, too, bit for bit as it was, also in all linear layers', async () => {
  const plain = await new BruteForce(backend, tinyModel('roberta')).logits(sequence);
  for (const scheme of ['lora', 'lora:modules=dense+key+query+value']) {
    const model = tinyModel('roberta', schemeNamed(scheme).adaptation(3));
    expect(model.parameters.trainable.length).toBeGreaterThan(7);
    expect(await new BruteForce(backend, model).logits(sequence)).toEqual(plain);
  }
});

/** weight [outputs, inputs] += (alpha / r) B A */
function addProduct(weight: Float32Array, a: readonly number[], b: readonly number[]): void {
  for (let index = 0; index < weight.length; index++) {
    const [output, input] = [Math.floor(index / WIDTH), index % WIDTH];
    let product = 0;
    for (let r = 0; r < RANK; r++) product += (b[output * RANK + r] ?? NaN) * (a[r * WIDTH + input] ?? NaN);
    weight[index] = (weight[index] ?? NaN) + (ALPHA / RANK) * product;
  }
}

function largestDifference(a: readonly number[][] | undefined, b: readonly number[][] | undefined): number {
  const wanted = b?.flat() ?? [];
  return Math.max(...(a?.flat() ?? [NaN]).map((value, i) => Math.abs(value - (wanted[i] ?? NaN))));
}
