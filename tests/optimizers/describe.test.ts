import { expect, test } from '@jest/globals';
import { optimizerIds, optimizerOptions, resolveOptimizer } from '../../optimizers/index.js';

test.each(optimizerIds)('%s: every option description what it means, and its default written out is the optimizer itself', async (id) => {
  const options = optimizerOptions(id);
  for (const { name, description } of options) {
    expect(name).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
    expect(description).not.toBe('');
  }
  const written = options.flatMap(({ name, default: by }) => (by === '' ? [] : [`${name}=${by}`]));
  expect((await resolveOptimizer([id, ...written].join(':'))).id).toBe(id);
});

test('the values of a choice are listed', () => {
  const noise = optimizerOptions('zo-sgd').find(({ name }) => name === 'noise');
  expect(noise?.description).toContain('gaussian, rademacher, sphere: ');
  expect(noise?.default).toBe('gaussian');
});
