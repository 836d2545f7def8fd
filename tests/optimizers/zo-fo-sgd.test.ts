import { describe, expect, test } from '@jest/globals';
import { Engines } from '../../training/engines.js';
import { cpuBackend } from '../../engine/index.js';
import { resolveOptimizer, type StepContext } from '../../optimizers/index.js';
import { schemeNamed } from '../../schemes/index.js';
import { choiceBatch } from '../../tasks/index.js';
import { expectTheta, handWorked } from '../support/hand-worked.js';
import type { Bowl } from '../support/quadratic.js';
import { PAD_ID, raggedExamples, tinyModel, type TinyFamily } from '../support/tiny-model.js';
import { plus, stepByStep, testTrajectory, twoPoint, type DenseModel, type Reference, type Vector } from '../support/trajectory.js';

/** Two blocks, with gradients (1, -2) and (-2, 1). */
const bowls: readonly Bowl[] = [
  { name: 'a', trainable: true, theta: [1, -2], a: [1, 2], b: [0, -1] },
  { name: 'b', trainable: true, theta: [0.5, 1], a: [4, 1], b: [1, 0] },
];
const seed = (): number => 5;

// By `standardNormal`, z = (0.30166532, -1.78489516) for a under the seed 5; d = 0.30166532 + 2 * 1.78489516 = 3.87145564
// a - 0.1 d z = (1 - 0.11678839, -2 + 0.69101424); b - 0.1 * 2 * (-2, 1) = (0.9, 0.8)
test('one step: the first block along d z, the second along its gradient', async () => {
  const problem = await handWorked('zo-fo-sgd:ratio=2', 1, { seed }, bowls);
  expectTheta(problem, [0.88321161, -1.30898576, 0.9, 0.8]);
  expect([problem.forwards, problem.backwards]).toEqual([3, 1]);
});

// theta - 0.1 * 2 g
test('k = 0 is gradient descent and asks for no loss', async () => {
  const problem = await handWorked('zo-fo-sgd:k=0:ratio=2', 1, { seed }, bowls);
  expectTheta(problem, [0.8, -1.6, 0.9, 0.8]);
  expect([problem.forwards, problem.backwards]).toEqual([1, 1]);
});

test('k above the number of blocks is ZO-SGD and asks for no gradient', async () => {
  const problem = await handWorked('zo-fo-sgd:k=2', 3, {}, bowls);
  expect(problem.theta()).toEqual((await handWorked('zo-sgd', 3, {}, bowls)).theta());
  expect([problem.forwards, problem.backwards]).toEqual([6, 0]);
});

const DECAY = 0.1;
const RATIO = 20;

/** x before that block of OPT, y from it on; both steps from one theta. */
const reference = (isZeroth: (stage: string) => boolean): Reference =>
  stepByStep(({ model, eta }) => async (theta, step) => {
    const zeroth = over(model, isZeroth, 1, 0);
    const z = times(model.direction(step, 0), zeroth);
    const { d } = await twoPoint(model, theta, z, step);
    const h = await model.gradient(theta, step);
    const decayed = plus(h, DECAY, model.matrices(theta));
    const moved = plus(plus(theta, -eta * d, z), -eta * DECAY, times(model.matrices(theta), zeroth));
    return { loss: await model.loss(theta, step), theta: plus(moved, -RATIO * eta, times(decayed, over(model, isZeroth, 0, 1))) };
  });

const times = (a: Vector, b: Vector): number[] => a.map((value, i) => value * (b[i] ?? NaN));

/** A dense vector of one number in the parameters of these stages and another elsewhere. */
const over = ({ trainable }: DenseModel, isZeroth: (stage: string) => boolean, there: number, elsewhere: number): number[] =>
  trainable.flatMap(({ stage, count }) => new Array<number>(count).fill(isZeroth(stage) ? there : elsewhere));

testTrajectory(
  `zo-fo-sgd:ratio=${RATIO}`,
  1e-3,
  reference((stage) => stage === 'embedding' || stage === 'block.0'),
  { weightDecay: DECAY },
);

/** Three steps on a tiny model; theta after them. */
async function trained(name: string, family: TinyFamily, scheme: string, changes: Partial<StepContext> = {}): Promise<number[]> {
  const model = tinyModel(family, schemeNamed(scheme).adaptation(1));
  const engines = new Engines(cpuBackend(1), model);
  const optimizer = await resolveOptimizer(name);
  const state = optimizer.init(model.parameters);
  const batch = choiceBatch(model, raggedExamples(4, 1), PAD_ID);
  for (let step = 0; step < 3; step++) {
    const settings = { learningRate: 1e-3, epsilon: 1e-2, weightDecay: 0, steps: 3, trainingBatches: () => [] };
    await optimizer.step({ ...engines.context(batch, 1, step, settings), ...changes }, state);
  }
  return model.parameters.trainable.flatMap((parameter) => [...model.parameters.values(parameter)]);
}

describe.each(['opt', 'llama'] as const)('on a tiny %s', (family) => {
  test.each(['full', 'lora'])('k = 0 is FO-SGD, k = 3 is ZO-SGD, bit for bit (%s)', async (scheme) => {
    expect(await trained('zo-fo-sgd:k=0:ratio=1', family, scheme)).toEqual(await trained('fo-sgd', family, scheme));
    expect(await trained('zo-fo-sgd:k=3', family, scheme)).toEqual(await trained('zo-sgd', family, scheme));
  });

  test.each(['full', 'lora'])('keeps arrays for what is first-order alone, fewer with every block (%s)', async (scheme) => {
    const counts: number[] = [];
    for (const k of [0, 1, 2, 3]) {
      const { parameters } = tinyModel(family, schemeNamed(scheme).adaptation(1));
      const { h } = (await resolveOptimizer(`zo-fo-sgd:k=${k}`)).init(parameters) as { h: ReadonlyMap<string, number> };
      counts.push([...h.keys()].reduce((sum, name) => sum + parameters.get(name).count, 0));
    }
    expect(counts[0]).toBe(
      tinyModel(family, schemeNamed(scheme).adaptation(1)).parameters.trainable.reduce((sum, { count }) => sum + count, 0),
    );
    counts
      .slice(1)
      .forEach((count, k) => (scheme === 'full' || k < 2 ? expect(count).toBeLessThan(counts[k] ?? NaN) : expect(count).toBe(0)));
    expect(counts[3]).toBe(0);
  });
});
