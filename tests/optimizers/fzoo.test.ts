import { expect, test } from '@jest/globals';
import { noiseKey, uniformWord } from '../../engine/index.js';
import { resolveOptimizer, type StepContext } from '../../optimizers/index.js';
import { expectTheta, handWorked } from '../support/hand-worked.js';
import { Quadratic } from '../support/quadratic.js';
import { EPSILON, norm, plus, stepByStep, testTrajectory, type Reference } from '../support/trajectory.js';

// Seeds 5, 6 and 8 give the signs u = (-1, 1, 1), (1, 1, -1) and (1, -1, 1), by `uniformWord`.
// l_i - l_0 = eps g . u_i + eps^2 / 2 sum a, with sum a = 7: 1e-3 * (-5, 1, 1) + 3.5e-6 = (-0.0049965, 0.0010035, 0.0010035)
// Their mean is -0.0009965, so sigma^2 = (0.004^2 + 2 * 0.002^2) / 3 = 8e-6 and 3 sigma = 0.00848528
// c = (l - l_0) / (3 sigma) = (-0.58884317, 0.11826361, 0.11826361)
// sum c u = (0.82537039, -0.58884317, -0.58884317)
test('one step', async () => {
  const seeds = [5, 6, 8];
  const problem = await handWorked('fzoo:q=3', 1, { seed: (query = NaN) => seeds[query] ?? NaN });
  expectTheta(problem, [0.91746296, -1.94111568, 0.55888432]);
  expect(problem.scales).toEqual([0, 1e-3, 1e-3, 1e-3]);
});

test('where all probes lose the same, theta stays', async () => {
  const optimizer = await resolveOptimizer('fzoo');
  const problem = new Quadratic([{ name: 'theta', trainable: true, theta: [1, -2], a: [1, 1], b: [0, 0] }]);
  const losses: StepContext['losses'] = (...points) => Promise.resolve(points.map(({ scale }) => (scale === 0 ? 1 : 2)));
  await optimizer.step({ ...problem.context(1, 0, { learningRate: 0.1, epsilon: 1e-3 }), losses }, undefined);
  expect(problem.theta()).toEqual([1, -2]);
});

test('the length of a step does not depend on the size of the loss', async () => {
  const optimizer = await resolveOptimizer('fzoo');
  const lengths = [1, 100].map(async (steepness) => {
    const problem = new Quadratic([
      { name: 'theta', trainable: true, theta: [1, -2, 3], a: [1, 2, 1].map((a) => steepness * a), b: [0, 0, 0] },
    ]);
    await optimizer.step(problem.context(1, 0, { learningRate: 0.1, epsilon: 1e-3 }), undefined);
    return norm(plus(problem.theta(), -1, [1, -2, 3]));
  });
  const [flat = NaN, steep = NaN] = await Promise.all(lengths);
  expect(flat).toBeGreaterThan(0.05);
  expect(steep).toBeCloseTo(flat, 6);
});

test('one direction has no spread to divide by', async () => {
  await expect(resolveOptimizer('fzoo:q=1')).rejects.toThrow('optimizer fzoo: option q=1: a number of at least 2 is needed, not 1');
});

const DECAY = 0.1;

const reference = (q: number): Reference =>
  stepByStep(({ model, eta }) => async (theta, step) => {
    const before = await model.loss(theta, step);
    const directions: number[][] = [];
    const losses: number[] = [];
    for (let query = 0; query < q; query++) {
      const u = model.trainable.flatMap(({ name, count }) => {
        const key = noiseKey(model.seed(step, query), name);
        return Array.from({ length: count }, (_, element) => (uniformWord(key, element) < 2 ** 31 ? 1 : -1));
      });
      directions.push(u);
      losses.push(await model.loss(plus(theta, EPSILON, u), step));
    }
    const mean = losses.reduce((a, b) => a + b) / q;
    const sigma = Math.sqrt(losses.reduce((sum, loss) => sum + (loss - mean) ** 2, 0) / q);
    const decayed = plus(theta, -eta * DECAY, model.matrices(theta));
    return {
      loss: before,
      theta: directions.reduce((at, u, i) => plus(at, (-eta * ((losses[i] ?? NaN) - before)) / (q * sigma), u), decayed),
    };
  });

testTrajectory('fzoo', 5e-3, reference(8), { weightDecay: DECAY });
testTrajectory('fzoo:q=3', 5e-3, reference(3), { weightDecay: DECAY });
