import { describe, expect, test } from '@jest/globals';
import { resolveOptimizer } from '../../optimizers/index.js';
import { expectTheta, handWorked, seed } from '../support/hand-worked.js';
import { Quadratic, type Bowl } from '../support/quadratic.js';
import { norm, plus, stepByStep, testTrajectory, twoPoint, type DenseModel, type Vector } from '../support/trajectory.js';

const hyperparameters = { learningRate: 0.1, epsilon: 1e-3 };

/** Two stages: g = (1, -2, -2) and (1, 2), c = sqrt(1 + 4 + 0.25) = 2.29128785 and 5. */
const bowls: readonly Bowl[] = [
  { name: 'theta', stage: 'block.0', trainable: true, theta: [1, -2, 0.5], a: [1, 2, 4], b: [0, -1, 1] },
  { name: 'other', stage: 'block.1', trainable: true, theta: [3, 4], a: [1, 1], b: [2, 2] },
];

// z of seed 5 is (0.35286823, -1.25562298, 0.55948581) and (-0.56239505, 0.49294746); g . z = 1.74514258 and 0.42349987
// d = 1.74514258 / 2.29128785 + 0.42349987 / 5 = 0.76164266 + 0.08469998 = 0.84634264
test.each([
  // theta - 0.1 d c z: minus 0.19392146 z in the first, 0.42317132 z in the second
  ['variance', [0.93157128, -1.75650776, 0.3915037, 3.23798946, 3.79139877]],
  // theta - 0.084634264 z
  ['expectation', [0.97013526, -1.89373127, 0.45264833, 3.04759789, 3.95827975]],
])('scaling=%s, by hand on two stages', async (scaling, expected) => {
  const problem = new Quadratic(bowls);
  const optimizer = await resolveOptimizer(`zo-sgd:scaling=${scaling}`);
  await optimizer.step({ ...problem.context(0, 0, hyperparameters), seed }, optimizer.init(problem.parameters));
  expectTheta(problem, expected);
});

test('a stage of zeros is not scaled', async () => {
  const zeros: Bowl = { name: 'theta', trainable: true, theta: [0, 0, 0], a: [1, 1, 1], b: [-1, 2, 2] };
  const problem = new Quadratic([zeros]);
  const optimizer = await resolveOptimizer('zo-sgd:scaling=expectation');
  await optimizer.step({ ...problem.context(0, 0, hyperparameters), seed }, optimizer.init(problem.parameters));
  // g = (1, -2, -2) as ever, d = 1.74514258: theta - 0.174514258 z
  expectTheta(problem, [-0.06158054, 0.21912411, -0.09763825]);
});

// The first step, minus 0.1 * 0.76164266 z, leads to (0.97312405, -1.90436640, 0.45738717), where g . z = 1.40013432.
test.each([
  // d = 1.40013432 / 2.29128785 = 0.61106872
  ['once for the run', 'scaling=expectation', [0.95156138, -1.8276392, 0.42319875]],
  ['once for the interval', 'scaling=expectation:scaling-interval=2', [0.95156138, -1.8276392, 0.42319875]],
  // c = 2.18695789 there: d = 0.64022007
  ['at every step', 'scaling=expectation:scaling-interval=1', [0.95053272, -1.82397889, 0.42156777]],
])('c is measured %s', async (_, options, expected) => {
  expectTheta(await handWorked(`zo-sgd:${options}`, 2, { seed }), expected);
});

test('an interval without a scaling is refused', async () => {
  await expect(resolveOptimizer('zo-sgd:scaling-interval=2')).rejects.toThrow(/^scaling-interval sets when /);
});

describe('over many directions the estimate is on average', () => {
  const DIRECTIONS = 4000;
  /** Of the normal distribution; the seeds are fixed, so what passes once passes always. */
  const STANDARD_ERRORS = 4;
  const g = [1, -2, -2, 1, 2];
  const c = [2.29128785, 2.29128785, 2.29128785, 5, 5];

  test.each([
    ['the gradient with scaling=variance', 'variance', c.map(() => 1)],
    ['the gradient over c with scaling=expectation', 'expectation', c.map((value) => 1 / value)],
  ])('%s', async (_, scaling, factors) => {
    const optimizer = await resolveOptimizer(`zo-sgd:scaling=${scaling}`);
    const sums = g.map(() => 0);
    for (let runSeed = 0; runSeed < DIRECTIONS; runSeed++) {
      const problem = new Quadratic(bowls);
      const start = problem.theta();
      await optimizer.step(problem.context(runSeed, 0, { ...hyperparameters, learningRate: 1 }), optimizer.init(problem.parameters));
      problem.theta().forEach((theta, i) => (sums[i] = (sums[i] ?? NaN) + (start[i] ?? NaN) - theta));
    }
    // d = sum_j g_j z_j / c_j, and the variance of d z_i is sum_j (g_j / c_j)^2 + (g_i / c_i)^2; the step has c_i f_i d z_i.
    const slopes = g.map((value, i) => value / (c[i] ?? NaN));
    const square = slopes.reduce((sum, value) => sum + value ** 2, 0);
    sums.forEach((sum, i) => {
      const scale = (factors[i] ?? NaN) * (c[i] ?? NaN);
      const standardError = scale * Math.sqrt((square + (slopes[i] ?? NaN) ** 2) / DIRECTIONS);
      expect(Math.abs(sum / DIRECTIONS - (factors[i] ?? NaN) * (g[i] ?? NaN))).toBeLessThan(STANDARD_ERRORS * standardError);
    });
  });
});

/** For each element of the dense vector theta, the norm of its stage's part. */
function stageNorms(model: DenseModel, theta: Vector): number[] {
  const stages = model.trainable.flatMap(({ stage, count }) => new Array<string>(count).fill(stage));
  const norms = new Map([...new Set(stages)].map((stage) => [stage, norm(theta.filter((_, i) => stages[i] === stage))]));
  return stages.map((stage) => norms.get(stage) ?? NaN);
}

const INTERVAL = 8;

testTrajectory(
  `zo-sgd:scaling=variance:scaling-interval=${INTERVAL}`,
  5e-4,
  stepByStep(({ model, eta }) => {
    let c: Vector = [];
    return async (theta, step) => {
      if (step % INTERVAL === 0) c = stageNorms(model, theta);
      const z = model.direction(step, 0);
      const { loss, d } = await twoPoint(
        model,
        theta,
        z.map((value, i) => value / (c[i] ?? NaN)),
        step,
      );
      const direction = z.map((value, i) => value * (c[i] ?? NaN));
      return { loss, theta: plus(theta, -eta * d, direction) };
    };
  }),
);
