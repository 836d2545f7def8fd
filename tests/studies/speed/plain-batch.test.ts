import { expect, test } from '@jest/globals';
import { plainChoiceBatch } from '../../../studies/speed/plain-batch.js';
import { cpuBackend, float32Of, ForwardRunner } from '../../../engine/index.js';
import { choiceBatch } from '../../../tasks/index.js';
import { oneTokenExamples, PAD_ID, tinyFamilies, tinyModel } from '../../support/tiny-model.js';

/** Of a loss near 1: float32 rounding through two layers, summed in another order. */
const LOSS = 1e-5;

test.each(tinyFamilies)('the papers’ way and ours give the same loss (%s)', async (family) => {
  const model = tinyModel(family);
  const runner = new ForwardRunner(cpuBackend(1), model.parameters);
  const examples = oneTokenExamples(7, 3);
  const losses: number[] = [];
  for (const batch of [choiceBatch(model, examples, PAD_ID), plainChoiceBatch(model, examples, PAD_ID)]) {
    const [made = {}] = await runner.run(model.stages(batch.objective), batch.tensors);
    losses.push(float32Of(made, 'loss')[0] ?? NaN);
  }
  const [ours = NaN, plain = NaN] = losses;
  expect(ours).toBeGreaterThan(0);
  expect(Math.abs(ours - plain)).toBeLessThanOrEqual(LOSS);
  await runner.release();
});

test('the papers’ way has one row per candidate and reads every position', () => {
  const model = tinyModel('opt');
  const { tensors, objective } = plainChoiceBatch(model, oneTokenExamples(5, 4), PAD_ID);
  const [rows = 0, sequence = 0] = tensors.token_ids?.dims ?? [];
  expect(objective).toBe('choice');
  expect(rows).toBe(10);
  expect(tensors.read_positions?.dims).toEqual([rows * sequence]);
});

test('examples with different numbers of candidates are refused', () => {
  const model = tinyModel('opt');
  const [first, second] = oneTokenExamples(2, 5);
  if (!first || !second) throw new Error('two examples');
  const fewer = { ...second, branches: second.branches.slice(0, 1), answer: 0 };
  expect(() => plainChoiceBatch(model, [first, fewer], PAD_ID)).toThrow('as many candidates');
});
