import { isOwnCode } from '../../own-code/index.js';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { UsageError } from '../../engine/index.js';
import { optimizerIds, resolveOptimizer } from '../../optimizers/index.js';
import { contractBowls, Quadratic } from '../support/quadratic.js';

const folder = mkdtempSync(join(tmpdir(), 'zobench-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

function write(name: string, source: string): string {
  const file = join(folder, name);
  writeFileSync(file, source);
  return file;
}

const source = (id: string): string => `{
  id: '${id}',
  order: 'zeroth',
  cost: { forwards: 1, backwards: 0 },
  defaults: { learningRate: 1 },
  stateArrays: 0,
  init: () => undefined,
  step: async ({ losses, parameters, seed }) => {
    const [loss] = await losses({ direction: seed(), scale: 0 });
    parameters.move(seed(), 0.5);
    return { loss };
  },
}`;

async function refusal(name: string): Promise<unknown> {
  return resolveOptimizer(name).then(
    () => 'none',
    (error: unknown) => error,
  );
}

test('an unknown name is refused with the nearest known one and all of them', async () => {
  const error = await refusal('zo-sdg');
  expect(error).toBeInstanceOf(UsageError);
  expect((error as Error).message).toBe(`unknown optimizer zo-sdg: did you mean zo-sgd? (there are: ${optimizerIds.join(', ')})`);
});

test('a file that does not exist is refused by its name', async () => {
  const error = await refusal('./nowhere/mine.mjs');
  expect(error).toBeInstanceOf(UsageError);
  expect((error as Error).message).toBe('optimizer file ./nowhere/mine.mjs does not exist');
});

test.each([
  { what: 'nothing', content: 'export {};' },
  { what: 'an object that takes no step', content: 'export default { id: "mine", cost: { forwards: 1, backwards: 0 } };' },
])('a file that exports $what is refused by its name', async ({ what, content }) => {
  const file = write(`${what.replaceAll(' ', '-')}.mjs`, content);
  const error = await refusal(file);
  expect(error).toBeInstanceOf(UsageError);
  expect((error as Error).message).toContain(`${file} exports no optimizer`);
});

test.each([
  ['step: undefined', 'step: a function is needed'],
  ['stateArrays: undefined', 'stateArrays: a number is needed'],
  ["order: 'second'", 'order: zeroth, forward-mode or first is needed'],
  ['cost: null', 'cost: forwards and backwards are needed'],
  ['cost: {}', 'cost.forwards: a number is needed'],
  ['cost: { forwards: 0, backwards: 0 }', 'cost: a step without a forward pass'],
  ['defaults: {}', 'defaults.learningRate: a number is needed'],
  ['defaults: { learningRate: 0 }', 'defaults.learningRate: is not above 0'],
])('an optimizer that says %s is refused before anything runs', async (member, says) => {
  const file = write(`${says.replace(/\W/g, '-')}.mjs`, `export const mine = { ...${source('mine')}, ${member} };`);
  expect(await refusal(file)).toEqual(new UsageError(`${file}: ${says} (see docs/extend-optimizers.md)`));
});

test.each([
  ['defaults: { epsilon: 1e-3 }', 'defaults.learningRate: a number is needed'],
  ['defaults: { learningRate: 1e-3, epsilon: 0 }', 'defaults.epsilon: is not above 0'],
  ['defaults: { learningRate: 1e-3, weightDecay: -1 }', 'defaults.weightDecay: is below 0'],
  ['cost: { forwards: 0, backwards: 0 }', 'cost: a step without a forward pass'],
])('one whose options are declared is held to the same: %s', async (member, says) => {
  const file = write(
    `defined-${says.replace(/\W/g, '-')}.mjs`,
    `import { defineOptimizer } from 'zobench/optimizers';
     const parts = { ...${source('mine')}, ${member} };
     export const mine = defineOptimizer({ ...parts, options: {}, create: () => parts });`,
  );
  expect(await refusal(file)).toEqual(new UsageError(`${file}: ${says} (see docs/extend-optimizers.md)`));
});

test('finite differences without an epsilon are refused by name, not taken with one that is no number', async () => {
  const file = write(
    'without-epsilon.mjs',
    `import { defineOptimizer, Estimator, estimatorOptions } from 'zobench/optimizers';
     export const mine = defineOptimizer({
       id: 'mine', order: 'zeroth', defaults: { learningRate: 1 }, options: estimatorOptions,
       create: (options) => ({
         cost: new Estimator(options).cost, stateArrays: 0, init: () => new Estimator(options),
         step: (context, estimator) => estimator.estimate(context),
       }),
     });`,
  );
  const problem = new Quadratic(contractBowls);
  for (const sides of ['two', 'one', 'previous']) {
    const optimizer = await resolveOptimizer(`${file}:sides=${sides}`);
    const step = optimizer.step(problem.context(1, 0, { learningRate: 1, epsilon: NaN }), optimizer.init(problem.parameters));
    await expect(step).rejects.toThrow(new UsageError('a finite difference needs an epsilon: give the optimizer one in its defaults'));
  }
});

test.each(['.ts', '.mts', '.js', '.mjs'])('a name that ends in %s is a file, a built-in name is none', (extension) => {
  expect(isOwnCode(`./mine${extension}`)).toBe(true);
  expect(optimizerIds.map(isOwnCode)).not.toContain(true);
});

test("a user's own file is an optimizer like any other", async () => {
  const optimizer = await resolveOptimizer(write('mine.mjs', `export const helper = 1;\nexport const mine = ${source('mine')};`));
  expect(optimizer.id).toBe('mine');
  const problem = new Quadratic(contractBowls);
  const before = problem.loss();
  const state = optimizer.init(problem.parameters);
  const { loss } = await optimizer.step(problem.context(1, 0, { learningRate: 1, epsilon: NaN }), state);
  expect(loss).toBe(before);
  expect(problem.loss()).not.toBe(before);
});

test('the default export goes before others', async () => {
  const file = write('two.mjs', `export const another = ${source('another')};\nexport default ${source('chosen')};`);
  expect((await resolveOptimizer(file)).id).toBe('chosen');
});

test("a user's own TypeScript file is found wherever it lies, with what it imports", async () => {
  write('scale.ts', 'export const rate: number = 0.25;\n');
  const file = write(
    'own.ts',
    `import type { Optimizer } from 'zobench/optimizers';
     import { rate } from './scale.js';
     export const own: Optimizer<undefined> = {
       id: 'own', order: 'zeroth', cost: { forwards: 1, backwards: 0 }, defaults: { learningRate: rate as number }, stateArrays: 0,
       init: () => undefined,
       step: async () => ({ loss: 0 }),
     };`,
  );
  const { id, defaults } = await resolveOptimizer(file);
  expect({ id, defaults }).toEqual({ id: 'own', defaults: { learningRate: 0.25 } });
});

test('a file that cannot be read as a program is refused in one line that says why', async () => {
  const error = await refusal(write('broken.ts', 'export const x = ;'));
  expect(error).toBeInstanceOf(UsageError);
  expect((error as Error).message).toMatch(/broken\.ts cannot be loaded: .*Unexpected/s);
});
