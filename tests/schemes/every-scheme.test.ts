import { describe, expect, test } from '@jest/globals';
import { BackwardRunner, cpuBackend, noiseKey, standardNormal, JvpRunner, type Buffers, type Parameter } from '../../engine/index.js';
import type { LanguageModel } from '../../models/index.js';
import { languageModelBatch, maskedLanguageModelBatch, type Batch } from '../../tasks/index.js';
import { float64Model, lossOf } from '../support/engine-models.js';
import { batchFor, oneStep } from '../support/one-step.js';
import { integersBetween, MASK_ID, PAD_ID, schemedModel, VOCABULARY, type TinyFamily } from '../support/tiny-model.js';

const backend = cpuBackend(1);
const families: readonly TinyFamily[] = ['opt', 'llama', 'mistral', 'roberta'];
/** Every linear layer of a block, by family. */
const LINEAR: Readonly<Record<TinyFamily, string>> = {
  opt: 'fc1+fc2+k_proj+out_proj+q_proj+v_proj',
  llama: 'down_proj+gate_proj+k_proj+o_proj+q_proj+up_proj+v_proj',
  mistral: 'down_proj+gate_proj+k_proj+o_proj+q_proj+up_proj+v_proj',
  roberta: 'dense+key+query+value',
};
const cases = [
  ...families.flatMap((family) =>
    ['full', 'lora', `lora:rank=2:modules=${LINEAR[family]}`, 'prefix', 'prompt', 'head'].map((scheme) => ({ family, scheme })),
  ),
  // A million numbers, so in one family alone: the one with rotated keys that query heads share.
  { family: 'llama', scheme: 'prefix:length=1:reparam' } as const,
];

/** Of a central difference in float64. */
const H = 1e-5;
/** Of gradients in float32, in shares of their norm, which are sums over some hundred products. */
const CLOSE = 1e-3;

const dot = (a: Float32Array, b: Float32Array): number => a.reduce((sum, value, i) => sum + value * (b[i] ?? NaN), 0);

/** Half along the gradient, half another way: a derivative that is not the gradient's norm, but not lost beside it. */
function direct(z: Float32Array, gradient: Float32Array, { name }: Parameter): void {
  const key = noiseKey(77, name);
  const other = z.map((_, i) => standardNormal(key, i));
  const [ahead, aside] = [gradient, other].map((values) => Math.sqrt(dot(values, values)) || 1);
  for (let i = 0; i < z.length; i++) z[i] = (gradient[i] ?? NaN) / (ahead ?? 1) + (other[i] ?? NaN) / (aside ?? 1);
}

/** Every third token is to be predicted. */
function maskedBatch(model: LanguageModel, texts: readonly (readonly number[])[]): Batch {
  const masked = texts.map((tokens) => ({
    tokens: tokens.map((token, place) => (place % 3 === 1 ? MASK_ID : token)),
    targets: tokens.flatMap((token, place) => (place % 3 === 1 ? [{ place, token }] : [])),
  }));
  return maskedLanguageModelBatch(model, masked, PAD_ID);
}

describe.each(cases)('$scheme on $family', ({ family, scheme }) => {
  test.each(['zo-sgd', 'forward-grad', 'fo-adam'])('%s moves its parameters and no other', async (optimizer) => {
    const model = await schemedModel(family, scheme);
    const trained = model.parameters.trainable.map(({ name }) => name);
    const { loss, moved, finite } = await oneStep(model, batchFor(model, family), optimizer);
    expect(loss).toBeGreaterThan(0);
    expect(finite).toBe(true);
    if (optimizer !== 'fo-adam') expect(moved).toEqual(trained);
    // By backpropagation only what the batch's loss depends on moves: not LoRA's A at B = 0, nor a key's bias.
    else expect(trained).toEqual(expect.arrayContaining(moved));
    expect(moved.length).toBeGreaterThan(0);
  });

  test('has in each of its parameters the gradient, in reverse and forward mode, that differences in float64 have', async () => {
    const model = await schemedModel(family, scheme);
    const { parameters } = model;
    parameters.move(31, 0.1); // LoRA's B leaves 0, where A has no gradient
    const between = integersBetween(41);
    const texts = [6, 9].map((length) => Array.from({ length }, () => between(4, VOCABULARY - 1)));
    const { tensors } = family === 'roberta' ? maskedBatch(model, texts) : languageModelBatch(model, texts, PAD_ID);
    const stages = model.stages('tokens');
    const gradients = parameters.allocateBuffers();
    const along = parameters.allocateBuffers();
    const view = (of: Buffers, parameter: Parameter): Float32Array =>
      parameters.heap.floats(parameters.buffer(of, parameter), parameter.count);
    await new BackwardRunner(backend, parameters).run(stages, tensors, gradients);
    const tangents = new JvpRunner(backend, parameters);
    await tangents.run(stages, tensors, along); // reserves its memory: later views of the heap stay good
    const exact = await float64Model(model, tensors);
    // Where they are many, all parameters together, else one after another.
    const groups = /reparam|full/.test(scheme) ? [parameters.trainable] : parameters.trainable.map((parameter) => [parameter]);
    for (const group of groups) {
      let [norm, reverse] = [0, 0];
      for (const parameter of group) {
        const gradient = view(gradients, parameter);
        const z = view(along, parameter);
        direct(z, gradient, parameter);
        norm += dot(gradient, gradient) ** 0.5;
        reverse += dot(gradient, z);
      }
      const [plus = NaN, minus = NaN] = await exact.losses(along, [H, -H]);
      const slope = (plus - minus) / (2 * H);
      const forward = lossOf((await tangents.run(stages, tensors, along)).tangents);
      expect(Math.abs(reverse - slope)).toBeLessThan(CLOSE * (norm + 1e-2));
      expect(Math.abs(forward - slope)).toBeLessThan(CLOSE * (norm + 1e-2));
      for (const parameter of group) view(along, parameter).fill(0);
    }
    await exact.release();
  });
});
