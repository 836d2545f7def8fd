import { expect, test } from '@jest/globals';
import type { Optimizer, StepContext } from '../../optimizers/index.js';
import { foAdam } from '../../optimizers/fo-adam.js';
import { foSgd } from '../../optimizers/fo-sgd.js';
import { forwardGrad } from '../../optimizers/forward-grad.js';
import { zoSgd } from '../../optimizers/zo-sgd.js';
import { Quadratic, type Bowl } from '../support/quadratic.js';

// All of them start here, with eta = 0.1: the gradient a (theta - b) is g = (1, -2, -2).
const bowl: Bowl = { name: 'theta', trainable: true, theta: [1, -2, 0.5], a: [1, 2, 4], b: [0, -1, 1] };
const hyperparameters = { learningRate: 0.1, epsilon: 1e-3 };

/** theta is float32 with values up to 2: its last place is 1.2e-7, and the noise kernel agrees with its definition to 1e-6. */
const PLACES = 6;

/** A seed whose direction for a parameter named theta is z = (0.35286823, -1.25562298, 0.55948581), by `standardNormal`. */
const seed = (): number => 5;

async function run<State>(optimizer: Optimizer<State>, steps: number, changes: Partial<StepContext> = {}): Promise<Quadratic> {
  const problem = new Quadratic([bowl]);
  const state = optimizer.init(problem.parameters);
  for (let step = 0; step < steps; step++) {
    await optimizer.step({ ...problem.context(0, step, hyperparameters), ...changes }, state);
  }
  return problem;
}

function expectTheta(problem: Quadratic, expected: readonly number[]): void {
  expect(problem.theta()).toHaveLength(expected.length);
  problem.theta().forEach((theta, i) => expect(theta).toBeCloseTo(expected[i] ?? NaN, PLACES));
}

// d = (L(theta + eps z) - L(theta - eps z)) / (2 eps) = g . z, exact on a quadratic:
//   1 * 0.35286823 + (-2) * (-1.25562298) + (-2) * 0.55948581 = 1.74514257
// theta - 0.1 d z = (1 - 0.174514257 * 0.35286823, -2 + 0.174514257 * 1.25562298, 0.5 - 0.174514257 * 0.55948581)
//                 = (1 - 0.06158054, -2 + 0.21912411, 0.5 - 0.09763825)
const afterOneDirection = [0.93841946, -1.78087589, 0.40236175];

test('zo-sgd: one step', async () => {
  const problem = await run(zoSgd, 1, { seed });
  expectTheta(problem, afterOneDirection);
  expect(problem.scales).toEqual([1e-3, -1e-3]);
});

test('forward-grad: one step, the same as zo-sgd takes where the finite difference is exact', async () => {
  expectTheta(await run(forwardGrad, 1, { seed }), afterOneDirection);
});

test('fo-sgd: two steps', async () => {
  // theta - 0.1 g = (1 - 0.1, -2 + 0.2, 0.5 + 0.2)
  expectTheta(await run(foSgd, 1), [0.9, -1.8, 0.7]);
  // g = (0.9, 2 * (-0.8), 4 * (-0.3)) = (0.9, -1.6, -1.2)
  expectTheta(await run(foSgd, 2), [0.81, -1.64, 0.82]);
});

test('fo-adam: the first step is eta long in every coordinate', async () => {
  // m = 0.1 g and v = 0.001 g^2; corrected by 1 - 0.9 and 1 - 0.999 they are g and g^2, so theta moves by -0.1 sign(g).
  expectTheta(await run(foAdam, 1), [0.9, -1.9, 0.6]);
});

test('fo-adam: the second step weighs both gradients, bias-corrected', async () => {
  // g' = (0.9, 2 * (-0.9), 4 * (-0.4)) = (0.9, -1.8, -1.6)
  // m = 0.09 g + 0.1 g' = (0.18, -0.36, -0.34), over 1 - 0.81: (0.94736842, -1.89473684, -1.78947368)
  // v = 0.000999 g^2 + 0.001 g'^2 = (0.001809, 0.007236, 0.006556), over 1 - 0.998001: (0.90495248, 3.61980990, 3.27963982)
  // m / sqrt(v) = (0.94736842 / 0.95129000, -1.89473684 / 1.90258000, -1.78947368 / 1.81097759) = (0.99587762, -0.99587762, -0.98812580)
  expectTheta(await run(foAdam, 2), [0.80041224, -1.80041224, 0.69881258]);
});
