import { describe, expect, test } from '@jest/globals';
import { BackwardRunner, cpuBackend, ForwardRunner, JvpRunner, type Point } from '../../../engine/index.js';
import { familyNames, flat, lossOf, tinyBatch, tinyModel } from '../../support/engine-models.js';
import { dot, farthest, relativeError } from '../../support/engine-numbers.js';

/** Threads share out rows and columns of products; where they share out a sum, its terms are added in another order. */
const ORDER = 1e-6;
/** Wide enough that ONNX Runtime uses the second thread. */
const WIDE = { hidden_size: 64, ffn_dim: 256, intermediate_size: 256, vocab_size: 512, max_position_embeddings: 34, num_hidden_layers: 1 };
const points: readonly Point[] = [
  { direction: 1, scale: 0.01 },
  { direction: 1, scale: -0.01 },
];

describe.each(familyNames)('a wider %s', (family) => {
  const model = tinyModel(family, undefined, WIDE);
  const batch = tinyBatch(model, 4, 32);
  const stages = model.stages('tokens');

  async function results(threads: number): Promise<{ losses: number[]; derivative: number; gradient: number[] }> {
    const backend = cpuBackend(threads);
    const staged = new ForwardRunner(backend, model.parameters);
    const tangent = new JvpRunner(backend, model.parameters);
    const composed = new BackwardRunner(backend, model.parameters);
    const gradients = model.parameters.allocateBuffers();
    const losses = (await staged.run(stages, batch, points)).map(lossOf);
    const derivative = lossOf((await tangent.run(stages, batch, 1)).tangents);
    losses.push(await composed.run(stages, batch, gradients));
    for (const runner of [staged, tangent, composed]) await runner.release();
    return { losses, derivative, gradient: flat(model, gradients) };
  }

  test('gives the same losses, derivative and gradient with one thread and with two', async () => {
    const [one, two] = [await results(1), await results(2)];
    const norm = Math.sqrt(dot(one.gradient, one.gradient));
    one.losses.forEach((loss, index) => expect(relativeError(two.losses[index] ?? NaN, loss)).toBeLessThan(ORDER));
    expect(Math.abs(two.derivative - one.derivative)).toBeLessThan(ORDER * norm);
    expect(farthest(two.gradient, one.gradient)).toBeLessThan(ORDER * norm);
  });
});
