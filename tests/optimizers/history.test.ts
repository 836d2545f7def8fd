import { describe, expect, test } from '@jest/globals';
import { Engines } from '../../training/engines.js';
import { cpuBackend } from '../../engine/index.js';
import { resolveOptimizer } from '../../optimizers/index.js';
import { choiceBatch } from '../../tasks/index.js';
import { bytesOf } from '../support/engine-models.js';
import { handWorked } from '../support/hand-worked.js';
import { PAD_ID, raggedExamples, tinyModel } from '../support/tiny-model.js';

const STEPS = 6;
const SEED = 5;

/** All parameters of a tiny model after some steps, as text, and the elements that the optimizer and its steps have allocated. */
async function train(name: string): Promise<{ theta: string; start: string; allocated: number }> {
  const model = tinyModel('opt');
  const start = bytesOf(model);
  const engines = new Engines(cpuBackend(1), model);
  const optimizer = await resolveOptimizer(name);
  const batch = choiceBatch(model, raggedExamples(4, 1), PAD_ID);
  const settings = { learningRate: 1e-3, epsilon: 1e-2, weightDecay: 0, steps: STEPS, trainingBatches: () => [batch] };
  const before = model.parameters.heap.allocate(0);
  const state = optimizer.init(model.parameters);
  for (let step = 0; step < STEPS; step++) await optimizer.step(engines.context(batch, SEED, step, settings), state);
  return { theta: bytesOf(model), start, allocated: model.parameters.heap.allocate(0) - before };
}

describe.each([
  { name: 'zo-sgd-mmt', arrays: 1 },
  { name: 'zo-adam', arrays: 2 },
])('$name', ({ name, arrays }) => {
  test.each([
    '',
    ':q=3',
    ':noise=rademacher',
    ':noise=sphere',
    ':sparsity=0.5',
    ':scaling=variance:scaling-interval=2',
    ':sides=one:clip=0.01',
  ])('replayed from its log is bit for bit what it is with arrays: %s', async (options) => {
    const [kept, replayed] = [await train(name + options), await train(`${name}:state=replay${options}`)];
    expect(kept.theta).not.toBe(kept.start);
    expect(replayed.theta).toBe(kept.theta);
  });

  test('replay keeps no array', async () => {
    const saved = (await train(name)).allocated - (await train(`${name}:state=replay`)).allocated;
    const bytes = tinyModel('opt').parameters.trainable.reduce((sum, { count }) => sum + 4 * count, 0);
    // Every array is rounded up to 64 bytes.
    expect(saved).toBeGreaterThanOrEqual(arrays * bytes);
    expect(saved).toBeLessThan(1.1 * arrays * bytes);
  });

  test('replay refuses masks that do not last, and weight decay', async () => {
    await expect(resolveOptimizer(`${name}:state=replay:sparsity=0.5:mask=magnitude`)).rejects.toThrow('take mask=random or state=arrays');
    await expect(handWorked(`${name}:state=replay`, 1, { weightDecay: 0.1 })).rejects.toThrow('take state=arrays');
  });
});

test('a window as long as the run remembers all', async () => {
  const { theta } = await train('zo-sgd-mmt');
  expect((await train(`zo-sgd-mmt:state=replay:window=${STEPS}`)).theta).toBe(theta);
  expect((await train(`zo-sgd-mmt:state=replay:window=${STEPS - 1}`)).theta).not.toBe(theta);
});
