import { expect, test } from '@jest/globals';
import { optimizerIds } from '../../optimizers/index.js';
import { batchFor, oneStep } from '../support/one-step.js';
import { schemedModel } from '../support/tiny-model.js';

const variants = ['zo-sgd:sparsity=0.5:mask=wanda', 'zo-sgd-block:level=linear'];
const pairs = ['prefix', 'prompt:length=1', 'head']
  .flatMap((scheme) => [...optimizerIds, ...variants].map((optimizer) => ({ scheme, optimizer })))
  .concat({ scheme: 'prefix:length=1:reparam', optimizer: 'zo-sgd:sparsity=0.5:mask=wanda' });

test.each(pairs)('$optimizer takes a step under $scheme that moves nothing else and stays finite', async ({ scheme, optimizer }) => {
  const model = await schemedModel('opt', scheme);
  const trained = model.parameters.trainable.map(({ name }) => name);
  const { moved, finite } = await oneStep(model, batchFor(model, 'opt'), optimizer);
  expect(finite).toBe(true);
  expect(trained).toEqual(expect.arrayContaining(moved));
});
