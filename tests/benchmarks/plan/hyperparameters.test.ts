import { expect, test } from '@jest/globals';
import { defaultHyperparameters } from '../../../benchmarks/plan/hyperparameters.js';

const cell = { model: 'opt-mini', task: 'sst2', scheme: 'lora' };
const of = (optimizer: string, scheme = 'lora') => defaultHyperparameters({ ...cell, optimizer, scheme });

test('a variant of an optimizer takes the learning rate that was chosen for it', async () => {
  const plain = await of('zo-sgd');
  expect(await of('zo-sgd:q=4')).toEqual(plain);
  // Otherwise this shows nothing: schemes have rates of their own.
  expect((await of('zo-sgd', 'full')).learningRate).not.toBe(plain.learningRate);
});

test('a variant of a scheme takes the learning rate that was chosen for it', async () => {
  expect(await of('zo-sgd:q=4', 'lora:rank=4')).toEqual(await of('zo-sgd', 'lora'));
});

test('a task without rates of its own takes those of SST-2', async () => {
  const { learningRate } = await of('lozo');
  expect(await defaultHyperparameters({ ...cell, task: 'rte', optimizer: 'lozo' })).toMatchObject({ learningRate, tuned: true });
});

test('only an optimizer that takes finite differences has an epsilon', async () => {
  expect(await of('zo-sgd')).toMatchObject({ epsilon: 1e-3, batchSize: 16 });
  expect(await of('fo-sgd')).toMatchObject({ epsilon: null, batchSize: 16 });
});

test("a scheme's own epsilon goes before the optimizer's", async () => {
  expect((await of('zo-sgd', 'prefix:length=3')).epsilon).toBe(0.1);
  expect((await of('zo-sgd', 'prompt')).epsilon).toBe(0.01);
  expect((await of('fo-adam', 'prefix')).epsilon).toBe(null);
});
