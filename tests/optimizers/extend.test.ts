import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { projectFolder } from '../../engine/index.js';
import { resolveOptimizer } from '../../optimizers/index.js';
import { contractBowls, Quadratic } from '../support/quadratic.js';

const folder = mkdtempSync(join(tmpdir(), 'zobench-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

const page = readFileSync(join(projectFolder, 'docs/extend-optimizers.md'), 'utf8');
const [, example = ''] = /```ts\n(.*?)```/s.exec(page) ?? [];
const file = join(folder, 'mine.ts');
writeFileSync(file, example);

test('the example of the page takes options by its path, and descends', async () => {
  const optimizer = await resolveOptimizer(`${file}:beta=0.5:q=4`);
  expect(optimizer.id).toBe('mine:beta=0.5:q=4');
  expect(optimizer.cost.forwards).toBe(8);
  const problem = new Quadratic(contractBowls);
  const before = problem.loss();
  const state = optimizer.init(problem.parameters);
  for (let step = 0; step < 20; step++) await optimizer.step(problem.context(1, step, { learningRate: 1e-3, epsilon: 1e-3 }), state);
  expect(problem.loss()).toBeLessThan(before);
});

test('wrong options of an own optimizer are refused as those of others', async () => {
  await expect(resolveOptimizer(`${file}:qq=4`)).rejects.toThrow(/^unknown option of mine qq: did you mean q\?/);
  await expect(resolveOptimizer(`${file}:beta=2`)).rejects.toThrow('optimizer mine: option beta=2: a number from 0 to below 1 is needed');
});

test('a plain optimizer has no options', async () => {
  const plain = join(folder, 'plain.mjs');
  writeFileSync(
    plain,
    `export default { id: 'plain', order: 'zeroth', cost: { forwards: 1, backwards: 0 }, defaults: { learningRate: 1 }, stateArrays: 0,
      init: () => undefined, step: async () => ({ loss: 0 }) };`,
  );
  await expect(resolveOptimizer(`${plain}:q=2`)).rejects.toThrow(`${plain} has no options: `);
});
