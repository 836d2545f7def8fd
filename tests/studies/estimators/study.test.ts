import { describe, expect, test } from '@jest/globals';
import { calibrate } from '../../../studies/estimators/calibrate.js';
import { draw } from '../../../studies/estimators/draws.js';
import { familiesOf } from '../../../studies/estimators/families.js';
import { statisticsOf } from '../../../studies/estimators/statistics.js';
import { StepMeter } from '../../../studies/estimators/step-meter.js';
import { measureEstimators, type Measured } from '../../../studies/estimators/study.js';
import type { EstimatorSubject } from '../../../studies/estimators/subject.js';
import { UsageError, type Buffers } from '../../../engine/index.js';
import { resolveOptimizer, type Optimizer } from '../../../optimizers/index.js';
import { gaussianCosine, gaussianVariance, type EpsilonRow, type EstimatorRow } from '../../../reports/index.js';
import { contractBowls, Quadratic, type Bowl } from '../../support/quadratic.js';

const DIMENSIONS = 11;
const EPSILON = 1e-3;
/** Of the normal distribution; the seeds are fixed, so what passes once passes always. */
const STANDARD_ERRORS = 4;

function subjectOf(problem: Quadratic): EstimatorSubject {
  return {
    parameters: problem.parameters,
    context: (seed, settings) => problem.context(seed, 0, settings),
    passes: () => ({ forwards: problem.forwards, backwards: problem.backwards }),
  };
}

async function measured(names: readonly string[], { samples = 4000, epsilons = [EPSILON], bowls = contractBowls } = {}): Promise<Measured> {
  const settings = { samples, epsilons, seed: 3 };
  return measureEstimators(subjectOf(new Quadratic(bowls)), await familiesOf(names, [1]), settings, () => undefined);
}

async function rowOf(name: string, samples?: number): Promise<EstimatorRow> {
  const { estimators } = await measured([name], samples === undefined ? {} : { samples });
  const [row] = estimators;
  if (!row) throw new Error('no row');
  return row;
}

/** An optimizer that moves theta by a rule of the gradient alone. */
const alongGradient = (id: string, rate: (learningRate: number) => number): Optimizer<Buffers> => ({
  id,
  order: 'first',
  cost: { forwards: 1, backwards: 1 },
  defaults: { learningRate: 0.1 },
  stateArrays: 1,
  init: (parameters) => parameters.allocateBuffers(),
  async step(context, g) {
    const loss = await context.gradient(g);
    context.parameters.move(g, -rate(context.learningRate));
    return { loss };
  },
});

const within = (value: number | null, wanted: number, error: number | null): void =>
  expect(Math.abs((value ?? NaN) - wanted)).toBeLessThan(STANDARD_ERRORS * (error ?? NaN));

describe('on a quadratic, where d = g . z exactly', () => {
  // On the sphere the mean |cosine| is that of a Gaussian direction; q directions divide the variance (d + 1) |g|^2 by q.
  test.each([
    ['zo-sgd', 1, 2],
    ['zo-sgd:q=4', 4, 8],
    ['forward-grad', 1, 1],
  ])('%s has the cosine and the variance of %i Gaussian directions, projection 1 and no bias', async (name, queries, forwards) => {
    const row = await rowOf(name);
    expect(row).toMatchObject({ optimizer: name, queries, forwards, backwards: 0, estimates: 'gradient', samples: 4000 });
    within(row.cosineMean, gaussianCosine(DIMENSIONS, queries), row.cosineStd / Math.sqrt(row.samples));
    within(row.projection, 1, row.projectionError);
    within(row.variance, gaussianVariance(DIMENSIONS, queries), row.varianceError);
    within(row.squaredBias, 0, row.squaredBiasError);
    // The mean of 4000 samples of variance 12 / q lies about sqrt(12 / (4000 q)) from g: the correction takes that away.
    expect(Math.abs(row.squaredBias ?? NaN)).toBeLessThan(0.003);
  });

  test('the errors are right: over 60 studies of 200 samples, estimates scatter by them', async () => {
    const deviations: number[][] = [];
    for (let seed = 0; seed < 60; seed++) {
      const subject = subjectOf(new Quadratic(contractBowls));
      const study = await measureEstimators(
        subject,
        await familiesOf(['zo-sgd'], [1]),
        { samples: 200, epsilons: [], seed },
        () => undefined,
      );
      const [row] = study.estimators;
      const over = (value: number | null | undefined, wanted: number, error: number | null | undefined): number =>
        ((value ?? NaN) - wanted) / (error ?? NaN);
      deviations.push([
        over(row?.projection, 1, row?.projectionError),
        over(row?.variance, gaussianVariance(DIMENSIONS, 1), row?.varianceError),
        over(row?.squaredBias, 0, row?.squaredBiasError),
      ]);
    }
    for (const quantity of [0, 1, 2]) {
      const values = deviations.map((row) => row[quantity] ?? NaN);
      const rms = Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0) / values.length);
      // 60 of them: the root mean square is 1 to about 0.1, and somewhat more for the skewed squares of projection and variance.
      expect(rms).toBeGreaterThan(0.7);
      expect(rms).toBeLessThan(1.5);
    }
  });

  test('the exact gradient has cosine 1, projection 1, no bias and no variance', async () => {
    const row = await rowOf('fo-sgd', 20);
    expect(row).toMatchObject({ forwards: 1, backwards: 1, estimates: 'gradient', epsilon: null });
    // A step as long as theta is rounded to 1e-7.
    for (const value of [row.cosineMean, row.projection, row.normRatioMean]) expect(value).toBeCloseTo(1, 6);
    for (const value of [row.cosineStd, row.squaredBias, row.variance]) expect(value).toBeCloseTo(0, 6);
  });

  // Adam's first step is the sign of g = (1, -5, 0.75, 3, 1, -1, 1, -2, 2, -2.25, -0.5): sum |g| = 19.5, |g|^2 = 51.875,
  // cosine 19.5 / sqrt(11 * 51.875) = 0.816321. The multiple with projection 1 is 1 / cosine^2 - 1 = 0.500657 from g, squared.
  test('what does not scale with the loss is judged by its multiple of projection 1', async () => {
    const row = await rowOf('fo-adam', 20);
    expect(row.estimates).toBe('direction');
    expect(row.cosineMean).toBeCloseTo(0.816321, 5);
    expect(row.squaredBias).toBeCloseTo(0.500657, 5);
    expect(row.variance).toBeCloseTo(0, 5);
  });
});

describe('how a step is measured', () => {
  const subject = subjectOf(new Quadratic(contractBowls));
  const meter = new StepMeter(subject);
  const { parameters } = subject;
  const rooms = [parameters.allocateBuffers(), parameters.allocateBuffers()] as const;
  const bits = (): number[] => parameters.trainable.flatMap((parameter) => [...parameters.values(parameter)]);

  test('the direction does not depend on the learning rate', async () => {
    const optimizer = await resolveOptimizer('zo-sgd');
    const { learningRate, rateDependence } = await calibrate(meter, optimizer, EPSILON, [1, 2, 3], rooms);
    expect(Number.isInteger(Math.log2(learningRate))).toBe(true);
    expect(rateDependence).toBeLessThan(1e-4);
    await meter.direction(optimizer, 1, { learningRate, epsilon: EPSILON }, rooms[0]);
    await meter.direction(optimizer, 1, { learningRate: learningRate / 64, epsilon: EPSILON }, rooms[1]);
    expect(meter.distance(rooms[0], rooms[1]) / parameters.norm(rooms[1])).toBeLessThan(1e-5);
  });

  test('a step that does not scale with the learning rate is found out, and measured short', async () => {
    const squared = alongGradient('squared-rate', (learningRate) => learningRate ** 2);
    const { learningRate, rateDependence } = await calibrate(meter, squared, NaN, [1], rooms);
    expect(rateDependence).toBeGreaterThan(0.5);
    await meter.direction(squared, 1, { learningRate, epsilon: NaN }, rooms[0]);
    expect(learningRate * parameters.norm(rooms[0])).toBeLessThan(0.01 * meter.norm);
  });

  test('a rate too small for float32 to show is raised', async () => {
    const tiny = { ...alongGradient('tiny', (learningRate) => learningRate), defaults: { learningRate: 1e-12 } };
    await calibrate(meter, tiny, NaN, [1], rooms);
    await expect(
      calibrate(
        meter,
        alongGradient('still', () => 0),
        NaN,
        [1],
        rooms,
      ),
    ).rejects.toThrow(new UsageError('optimizer still does not move in its first step: there is nothing to measure'));
  });

  test('theta stays as it was, bit for bit, also when a step fails', async () => {
    const before = bits();
    await meter.direction(await resolveOptimizer('zo-sgd'), 7, { learningRate: 3, epsilon: EPSILON }, rooms[0]);
    expect(bits()).toEqual(before);
    const failing: Optimizer = {
      ...alongGradient('failing', () => 1),
      step: (context) => {
        context.parameters.move(5, 1);
        return Promise.reject(new Error('no'));
      },
    };
    await expect(meter.direction(failing, 7, { learningRate: 1, epsilon: EPSILON }, rooms[0])).rejects.toThrow('no');
    expect(bits()).toEqual(before);
  });

  test('every sample starts from a fresh state, in the same room', async () => {
    const adam = await resolveOptimizer('fo-adam');
    const arrays = { g: parameters.allocateBuffers(), estimate: rooms[0], sum: rooms[1] };
    await subject.context(0, { learningRate: 1, epsilon: 1 }).gradient(arrays.g);
    const settings = { learningRate: 2 ** -4, epsilon: NaN };
    const [first] = await draw(meter, adam, settings, [1], arrays);
    const top = parameters.heap.allocate(0);
    const again = await draw(meter, adam, settings, [2, 3, 4], arrays);
    expect(parameters.heap.allocate(0)).toBe(top);
    for (const { square, along } of again) expect({ square, along }).toEqual({ square: first?.square, along: first?.along });
  });

  test('a gradient of 0 is refused', async () => {
    const atRest: Bowl[] = [{ name: 'theta', trainable: true, theta: [1, 2], a: [1, 1], b: [1, 2] }];
    await expect(measured(['zo-sgd'], { samples: 2, bowls: atRest })).rejects.toThrow(
      new UsageError('the gradient has norm 0 here: there is nothing to estimate'),
    );
  });
});

// x = (2, 0), (1, 1), (0, 3) as estimates of g = (1, 0), |g|^2 = 1:
//   |x|^2 = 4, 2, 9; x . g = 2, 1, 0; with the sum of the earlier: 0, (1, 1) . (2, 0) = 2, (0, 3) . (3, 1) = 3
//   P = 1; M = (2 + 3) / 3 pairs = 5/3; variance = 15/3 - 5/3 = 10/3, which is (sum |x|^2 - |sum x|^2 / 3) / 2 = (15 - 25/3) / 2
//   squared bias = 5/3 - 2 + 1 = 2/3, which is |mean x - g|^2 - variance / 3 = (0^2 + (4/3)^2) - 10/9
test('statistics of three vectors worked by hand', () => {
  const passes = { forwards: 1, backwards: 0 };
  const draws = [
    { square: 4, along: 2, withEarlier: 0, ...passes },
    { square: 2, along: 1, withEarlier: 2, ...passes },
    { square: 9, along: 0, withEarlier: 3, ...passes },
  ];
  const row = statisticsOf(draws, 1, 'gradient');
  expect(row.projection).toBe(1);
  expect(row.projectionError).toBeCloseTo(1 / Math.sqrt(3), 12);
  expect(row.variance).toBeCloseTo(10 / 3, 12);
  expect(row.squaredBias).toBeCloseTo(2 / 3, 12);
  expect(row.cosineMean).toBeCloseTo((1 + Math.SQRT1_2 + 0) / 3, 12);
  expect(row.normRatioMean).toBeCloseTo((2 + Math.SQRT2 + 3) / 3, 12);
  // In units of another |g|, and of no clear direction: 1 is within two standard errors, 0.577 each, of 0.
  expect(statisticsOf(draws, 4, 'gradient').projection).toBe(0.25);
  expect(statisticsOf(draws, 1, 'direction')).toMatchObject({ projection: 1, squaredBias: null, variance: null });
});

test('a step that does not move has cosine 0', () => {
  const draws = [0, 0].map(() => ({ square: 0, along: 0, withEarlier: 0, forwards: 2, backwards: 0 }));
  expect(statisticsOf(draws, 1, 'gradient')).toMatchObject({ cosineMean: 0, projection: 0, variance: 0, squaredBias: 1 });
});

describe('against epsilon', () => {
  async function errors(name: string): Promise<readonly EpsilonRow[]> {
    return (await measured([name], { samples: 40, epsilons: [1e-3, 1e-2, 1e-1] })).epsilons;
  }

  test('a two-sided difference is exact on a quadratic', async () => {
    for (const { relativeError, samples } of await errors('zo-sgd')) {
      expect(relativeError).toBeLessThan(1e-5);
      // No more are taken than are needed.
      expect(samples).toBe(32);
    }
  });

  // (L(theta + e z) - L(theta)) / e = g . z + e/2 sum a z^2
  test('a one-sided difference errs by epsilon / 2 times the curvature', async () => {
    const [small, , large] = await errors('zo-sgd:sides=one');
    expect((large?.relativeError ?? NaN) / (small?.relativeError ?? NaN)).toBeCloseTo(100, 0);
    // sum a = 12.25 and the rms of g . z is |g| = 7.2; z^2 is correlated with itself alone, and |z|^2 weighs the samples.
    expect(large?.relativeError).toBeGreaterThan(0.05);
    expect(large?.relativeError).toBeLessThan(0.2);
  });

  test('an optimizer without an epsilon has one row, and a first-order one none', async () => {
    const { epsilons } = await measured(['forward-grad', 'fo-sgd'], { samples: 5 });
    expect(epsilons).toMatchObject([{ optimizer: 'forward-grad', epsilon: null }]);
    expect(epsilons[0]?.relativeError).toBeLessThan(1e-6);
  });
});

describe('families', () => {
  test('an optimizer that takes q is measured with each number of directions', async () => {
    const families = await familiesOf(['zo-sgd', 'fo-adam'], [1, 4]);
    expect(
      families.map(({ optimizer, members }) => [optimizer.id, members.map((member) => [member.optimizer.id, member.queries])]),
    ).toEqual([
      [
        'zo-sgd',
        [
          ['zo-sgd', 1],
          ['zo-sgd:q=4', 4],
        ],
      ],
      ['fo-adam', [['fo-adam', null]]],
    ]);
  });

  test('what was given its q keeps it, and nothing is measured twice', async () => {
    const families = await familiesOf(['zo-sgd:q=2', 'zo-sgd', 'zo-sgd:sides=two', 'zo-sgd:sides=previous'], [1, 2]);
    expect(families.map(({ members }) => members.map(({ optimizer }) => optimizer.id))).toEqual([
      ['zo-sgd:q=2'],
      ['zo-sgd'],
      ['zo-sgd:sides=previous'],
    ]);
  });

  test('an unknown name is refused', async () => {
    await expect(familiesOf(['zo-sdg'], [1])).rejects.toThrow(/^unknown optimizer zo-sdg: did you mean zo-sgd\?/);
  });
});
