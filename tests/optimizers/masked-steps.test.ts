import { describe, expect, test } from '@jest/globals';
import { noiseKey, uniformWord } from '../../engine/index.js';
import { resolveOptimizer, type StepContext } from '../../optimizers/index.js';
import { expectTheta, handWorked } from '../support/hand-worked.js';
import { Quadratic } from '../support/quadratic.js';
import { plus, stepByStep, testTrajectory, twoPoint, type DenseModel, type Reference, type Vector } from '../support/trajectory.js';

/** First element of the path of the masks' seeds. */
const STREAM = 0x6d61736b;

/** z = (0.35286823, -1.25562298, 0.55948581) of the seed 5; the mask's seed 6 gives the uniform numbers 0.183, 0.293, 0.807. */
const seed = (stream: number | undefined): number => (stream === STREAM ? 6 : 5);

describe('one step of ZO-SGD', () => {
  // m = (1, 1, 0), for 0.183 and 0.293 are below 0.5; d = 0.35286823 + 2 * 1.25562298 = 2.86411419
  // theta - 0.1 d m z = (1 - 0.28641142 * 0.35286823, -2 + 0.28641142 * 1.25562298, 0.5)
  test('with a random mask', async () => {
    expectTheta(await handWorked('zo-sgd:sparsity=0.5', 1, { seed }), [0.89893451, -1.64037524, 0.5]);
  });

  // Of |theta| = (1, 2, 0.5), half is left out: 1.5, rounded to 2. d = 2 * 1.25562298; theta_2 = -2 + 0.251124596 * 1.25562298
  test('with a mask of the largest weights', async () => {
    expectTheta(await handWorked('zo-sgd:sparsity=0.5:mask=magnitude', 1, { seed }), [1, -1.68468219, 0.5]);
  });
});

describe.each([
  'zo-sgd',
  'zo-sgd:q=3',
  'zo-sgd:sides=one',
  'zo-sgd:noise=rademacher',
  'zo-sgd-sign',
  'zo-sgd-mmt',
  'zo-sgd-cons',
  'zo-adam',
  'r-adazo',
])('%s', (name) => {
  const options = [':sparsity=0.5', ':sparsity=0.5:mask=magnitude', ':sparsity=0.6:mask-scope=global'];

  test.each(options)('moves the very elements that it probed (%s)', async (added) => {
    const theta = Array.from({ length: 40 }, (_, i) => 1 + Math.sin(i));
    const problem = new Quadratic([{ name: 'theta', trainable: true, theta, a: theta.map(() => 1), b: theta.map(() => 0) }]);
    const { parameters } = problem;
    const context = problem.context(1, 0, { learningRate: 0.01, epsilon: 1e-3 });
    const probed = theta.map(() => 0);
    const losses: StepContext['losses'] = (...points) => {
      const out = parameters.heap.allocate(theta.length);
      for (const { direction } of points) {
        parameters.writeDirection(parameters.get('theta'), 0, theta.length, direction, out);
        parameters.heap.floats(out, theta.length).forEach((z, i) => (probed[i] = (probed[i] ?? NaN) + Number(z !== 0)));
      }
      return context.losses(...points);
    };
    const optimizer = await resolveOptimizer(name + added);
    await optimizer.step({ ...context, losses }, optimizer.init(parameters));
    const moved = problem.theta().map((value, i) => value !== Math.fround(theta[i] ?? NaN));
    expect(moved).toEqual(probed.map((count) => count > 0));
    expect(moved.filter(Boolean).length).toBeGreaterThan(5);
    expect(moved.filter(Boolean).length).toBeLessThan(35);
  });
});

// m = (1, 1, 0) as above; theta - 0.1 m g = (1 - 0.1, -2 + 0.2, 0.5)
test('FO-SGD masks the exact gradient', async () => {
  expectTheta(await handWorked('fo-sgd:sparsity=0.5', 1, { seed }), [0.9, -1.8, 0.5]);
});

test('a Wanda mask costs a forward pass where it is made', async () => {
  expect((await resolveOptimizer('zo-sgd:sparsity=0.5:mask=wanda')).cost.forwards).toBe(3);
  expect((await resolveOptimizer('zo-sgd:sparsity=0.5:mask=wanda:resample=4:q=2')).cost.forwards).toBe(4.25);
  expect((await resolveOptimizer('fo-sgd:sparsity=0.5:mask=wanda:resample=2')).cost.forwards).toBe(1.5);
  const problem = await handWorked('zo-sgd:sparsity=0.5:mask=wanda:resample=3', 6, {});
  expect(problem.forwards).toBe(6 * 2 + 2);
});

test.each([
  [
    'zo-sgd:mask=wanda',
    'mask, mask-scope and resample define how sparsity sets a part of the gradient to 0: give a sparsity above 0, or leave them out',
  ],
  [
    'zo-sgd:resample=10',
    'mask, mask-scope and resample define how sparsity sets a part of the gradient to 0: give a sparsity above 0, or leave them out',
  ],
  [
    'zo-adam:state=replay:sparsity=0.5:mask=magnitude',
    'state=replay makes the directions of earlier steps again, whose mask=magnitude is gone by then: take mask=random or state=arrays',
  ],
  [
    'zo-sgd-mmt:state=replay:sparsity=0.5:mask=wanda',
    'state=replay makes the directions of earlier steps again, whose mask=wanda is gone by then: take mask=random or state=arrays',
  ],
])('%s is refused', async (name, message) => {
  await expect(resolveOptimizer(name)).rejects.toThrow(message);
});

test('a replayed history remembers random masks', async () => {
  const run = async (state: string): Promise<number[]> =>
    (await handWorked(`zo-sgd-mmt:state=${state}:sparsity=0.4:resample=2`, 7, {})).theta();
  expect(await run('replay')).toEqual(await run('arrays'));
});

/** 0 or 1 by the definition of the random mask that was drawn in that step. */
function plainMask(model: DenseModel, drawnIn: number, sparsity: number): number[] {
  return model.trainable.flatMap(({ name, count }) => {
    const key = noiseKey(model.seed(drawnIn, STREAM), name);
    return Array.from({ length: count }, (_, i) => Number(uniformWord(key, i) < (1 - sparsity) * 2 ** 32));
  });
}

const times = (a: Vector, b: Vector): number[] => a.map((value, i) => value * (b[i] ?? NaN));

const random: Reference = stepByStep(({ model, eta }) => async (theta, step) => {
  const mask = plainMask(model, step - (step % 3), 0.4);
  const probes: { loss: number; d: number; z: Vector }[] = [];
  for (const query of [0, 1]) {
    const z = times(model.direction(step, query), mask);
    probes.push({ ...(await twoPoint(model, theta, z, step)), z });
  }
  const moved = probes.reduce<number[]>((at, { d, z }) => plus(at, (-eta * d) / 2, z), theta);
  return { loss: probes.reduce((sum, { loss }) => sum + loss / 2, 0), theta: moved };
});

const magnitude: Reference = stepByStep(({ model, eta }) => {
  let mask: readonly number[] = [];
  return async (theta, step) => {
    if (step % 4 === 0) {
      // Equal ones, B's zeros, are kept in order: sort is stable.
      const order = [...theta.keys()].sort((a, b) => Math.abs(theta[b] ?? NaN) - Math.abs(theta[a] ?? NaN));
      const kept = new Set(order.slice(0, theta.length - Math.round(0.3 * theta.length)));
      mask = theta.map((_, i) => Number(kept.has(i)));
    }
    const z = times(model.direction(step, 0), mask);
    const { loss, d } = await twoPoint(model, theta, z, step);
    return { loss, theta: plus(theta, -eta * d, z) };
  };
});

testTrajectory('zo-sgd:q=2:sparsity=0.4:resample=3', 2e-3, random);
testTrajectory('zo-sgd:sparsity=0.3:mask=magnitude:mask-scope=global:resample=4', 2e-3, magnitude);
