import { describe, expect, test } from '@jest/globals';
import { UsageError } from '../../engine/index.js';
import { resolveOptimizer } from '../../optimizers/index.js';
import { expectTheta, handWorked, seed } from '../support/hand-worked.js';

// The gradient at theta = (1, -2, 0.5) is (1, -2, -2), eta = 0.1 and epsilon = 1e-3. By `standardNormal`:
//   seed 5: z = (0.35286823, -1.25562298, 0.55948581), d = 1.74514258, d z = (0.61580538, -2.19124112, 0.97638250)
//   seed 6: z = (-1.61020124, 0.38687352, -0.37073544), d = -1.64247741, d z = (2.64471915, -0.63543102, 0.60892458)
const seed5or6 = (query = 0): number => 5 + query;
const TWO_DIRECTIONS = [0.83697377, -1.85866639, 0.42073465];

describe('by hand, for zo-sgd', () => {
  test('q=2: the mean of two directions, probed one after another', async () => {
    // theta - 0.05 (3.26052453, -2.82667214, 1.58530708)
    const problem = await handWorked('zo-sgd:q=2', 1, { seed: seed5or6 });
    expectTheta(problem, TWO_DIRECTIONS);
    expect(problem.scales).toEqual([1e-3, -1e-3, 1e-3, -1e-3]);
  });

  // On a quadratic L(theta + epsilon z) - L(theta) = epsilon g . z + epsilon^2/2 sum a z^2.
  test('sides=one: against the loss at theta', async () => {
    // sum a z^2 = 0.12451599 + 3.15317812 + 1.25209747 = 4.52979159, so d = 1.74514258 + 0.00226490 = 1.74740747
    const problem = await handWorked('zo-sgd:sides=one', 1, { seed });
    expectTheta(problem, [0.93833954, -1.7805915, 0.40223503]);
    expect(problem.scales).toEqual([0, 1e-3]);
  });

  test('sides=one with q=2: the loss at theta once', async () => {
    // For seed 6: sum a z^2 = 2.59274803 + 0.29934224 + 0.54977907 = 3.44186934, so d = -1.64247741 + 0.00172093 = -1.64075647
    const problem = await handWorked('zo-sgd:sides=one:q=2', 1, { seed: seed5or6 });
    expectTheta(problem, [0.83707237, -1.85855749, 0.42070319]);
    expect(problem.scales).toEqual([0, 1e-3, 1e-3]);
    expect((await resolveOptimizer('zo-sgd:sides=one:q=2')).cost.forwards).toBe(3);
  });

  test("sides=previous: against the last step's loss; the first step only looks", async () => {
    expectTheta(await handWorked('zo-sgd:sides=previous', 1, { seed }), [1, -2, 0.5]);
    // The losses are 2 + 1e-3 * 1.74740747 and 2 - 1e-3 * 1.64075647: d = -3.38816394
    let step = 0;
    const problem = await handWorked('zo-sgd:sides=previous', 2, { seed: () => 5 + step++ });
    expectTheta(problem, [0.45443742, -1.86892091, 0.37438876]);
    expect(problem.scales).toEqual([1e-3, 1e-3]);
    expect((await resolveOptimizer('zo-sgd:sides=previous')).cost.forwards).toBe(1);
  });

  test('noise=rademacher', async () => {
    // The words of seed 5 are 3792961799, 388144850 and 2039945863, so z = (-1, 1, 1) and d = -1 - 2 - 2 = -5.
    expectTheta(await handWorked('zo-sgd:noise=rademacher', 1, { seed }), [0.5, -1.5, 1]);
  });

  test('noise=sphere', async () => {
    // |z| = 1.41920028 for seed 5, so z is sqrt(3) / 1.41920028 = 1.22044143 times as long and d z its square, 1.48947727, times.
    // theta - 0.1 * 1.48947727 (0.61580538, -2.19124112, 0.97638250)
    expectTheta(await handWorked('zo-sgd:noise=sphere', 1, { seed }), [0.90827719, -1.67361961, 0.35457005]);
  });

  test('clip: |d| at most that, on either side', async () => {
    expectTheta(await handWorked('zo-sgd:clip=2', 1, { seed }), [0.93841946, -1.78087589, 0.40236175]);
    // theta - 0.1 * 0.5 z and theta + 0.1 * 0.5 z
    expectTheta(await handWorked('zo-sgd:clip=0.5', 1, { seed }), [0.98235659, -1.93721885, 0.47202571]);
    expectTheta(await handWorked('zo-sgd:clip=0.5', 1, { seed: () => 6 }), [0.91948994, -1.98065632, 0.48146323]);
  });

  test('weight decay shrinks matrices, and no vector', async () => {
    const bowls = [
      { name: 'theta', trainable: true, shape: [1, 3] as const, theta: [1, -2, 0.5], a: [1, 2, 4], b: [0, -1, 1] },
      // At its minimum: it moves by noise alone. Its z is 1.18996820.
      { name: 'bias', trainable: true, theta: [2], a: [1], b: [2] },
    ];
    // theta - 0.1 (d z + 0.5 theta), and 2 - 0.1 * 1.74514258 * 1.18996820
    const problem = await handWorked('zo-sgd', 1, { seed, weightDecay: 0.5 }, bowls);
    expectTheta(problem, [0.88841946, -1.68087589, 0.37736175, 1.79233358]);
  });

  test('q-schedule=linear: max(1, floor(q t / T)) directions in step t of T', async () => {
    const forwards: number[] = [];
    for (const step of [0, 1, 2, 3]) forwards.push((await handWorked('zo-sgd:q=4:q-schedule=linear', 1, { step, steps: 4 })).forwards);
    expect(forwards).toEqual([2, 2, 4, 6]);
    expect((await resolveOptimizer('zo-sgd:q=4:q-schedule=linear')).cost.forwards).toBe((2 + 2 + 4 + 6) / 4);
    expectTheta(await handWorked('zo-sgd:q=4:q-schedule=linear', 1, { seed: seed5or6, step: 2, steps: 4 }), TWO_DIRECTIONS);
  });
});

describe('names', () => {
  test.each([
    { given: 'zo-sgd:q=1:sides=two', canonical: 'zo-sgd' },
    { given: 'zo-sgd:sides=one:q=4', canonical: 'zo-sgd:q=4:sides=one' },
    { given: 'zo-sgd:q=04.0', canonical: 'zo-sgd:q=4' },
    { given: 'zo-sgd:q-schedule=linear:q=16', canonical: 'zo-sgd:q=16:q-schedule=linear' },
    { given: 'zo-sgd:clip=1e2', canonical: 'zo-sgd:clip=100' },
    { given: 'zo-sgd-sign:q=2:released', canonical: 'zo-sgd-sign:released:q=2' },
    { given: 'zo-adam:state=replay:beta1=0.9', canonical: 'zo-adam:state=replay' },
    { given: 'fo-sgd:momentum=0', canonical: 'fo-sgd' },
  ])('$given is $canonical', async ({ given, canonical }) => {
    expect((await resolveOptimizer(given)).id).toBe(canonical);
  });

  const options = 'q, q-schedule, sides, noise, clip';
  test.each([
    { given: 'zo-sgd:p=4', why: `unknown option of zo-sgd p: did you mean q? (there are: ${options}` },
    { given: 'zo-sgd:qschedule=linear', why: `unknown option of zo-sgd qschedule: did you mean q-schedule? (there are: ${options}` },
    { given: 'zo-sgd:nonsense', why: `unknown option of zo-sgd nonsense (there are: ${options}` },
    { given: 'zo-sgd:q=0', why: 'optimizer zo-sgd: option q=0: a whole number of at least 1 is needed' },
    { given: 'zo-sgd:q=100000000000', why: 'optimizer zo-sgd: option q=100000000000: at most 100000 can be probed in a step' },
    { given: 'zo-muon:samples=100001', why: 'optimizer zo-muon: option samples=100001: at most 100000 can be probed in a step' },
    { given: 'zo-sgd:q=many', why: 'optimizer zo-sgd: option q=many: a whole number of at least 1 is needed' },
    { given: 'zo-sgd:q', why: 'optimizer zo-sgd: option q needs a value: q=...' },
    { given: 'zo-sgd-mmt:momentum=', why: 'optimizer zo-sgd-mmt: option momentum needs a value: momentum=...' },
    { given: 'zo-sgd:q=4:q=5', why: 'optimizer zo-sgd:q=4:q=5 is given q twice' },
    { given: 'zo-sgd:sides=three', why: 'optimizer zo-sgd: option sides=three: one of two, one, previous is needed' },
    { given: 'zo-sgd:clip=-1', why: 'optimizer zo-sgd: option clip=-1: a number above 0 is needed' },
    { given: 'zo-sgd:sides=previous:q=2', why: 'sides=previous takes one direction per step: leave q at 1' },
    {
      given: 'zo-sgd-sign:released=yes',
      why: 'optimizer zo-sgd-sign: option released=yes: it is given without a value',
    },
  ])('$given is refused in one line', async ({ given, why }) => {
    const refusal = await resolveOptimizer(given).then(
      () => new Error('none'),
      (error: unknown) => error as Error,
    );
    expect(refusal).toBeInstanceOf(UsageError);
    expect(refusal.message).toContain(why);
    expect(refusal.message).not.toContain('\n');
  });
});
