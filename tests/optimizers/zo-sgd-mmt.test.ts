import { expect, test } from '@jest/globals';
import { resolveOptimizer } from '../../optimizers/index.js';
import { expectTheta, handWorked } from '../support/hand-worked.js';
import { plus, stepByStep, testTrajectory, twoPoint, type Vector } from '../support/trajectory.js';

/** Steps that see z of seeds 5, 6 and 7, which `zo-sgd-sign`'s test lists. */
function seeds(): () => number {
  let step = 0;
  return () => 5 + step++;
}

// Step 1: b = d z = (0.61580538, -2.19124112, 0.97638250), as worked out for zo-sgd; theta = (0.93841946, -1.78087589, 0.40236175).
// Step 2: the gradient there is (0.93841946, -1.56175178, -2.39055300), d = -1.51104417 - 0.60420041 + 0.88626273 = -1.22898187,
//   d z = (1.97890814, -0.47546054, 0.45562713); b = 0.9 (0.61580538, -2.19124112, 0.97638250) + d z = (2.53313298, -2.44757755, 1.33437139)
test.each(['arrays', 'replay'])('two steps, state=%s', async (state) => {
  expectTheta(await handWorked(`zo-sgd-mmt:state=${state}`, 1, { seed: seeds() }), [0.93841946, -1.78087589, 0.40236175]);
  expectTheta(await handWorked(`zo-sgd-mmt:state=${state}`, 2, { seed: seeds() }), [0.68510616, -1.53611813, 0.26892461]);
});

test('momentum=0.5', async () => {
  // b = 0.5 (0.61580538, -2.19124112, 0.97638250) + d z = (2.28681083, -1.57108110, 0.94381838)
  expectTheta(await handWorked('zo-sgd-mmt:momentum=0.5', 2, { seed: seeds() }), [0.70973838, -1.62376778, 0.30797991]);
});

// Step 3: the gradient is (0.68510616, -1.07223627, -2.92430156), d = -0.65727969 - 0.56378957 - 1.51252652 = -2.73359578,
//   d z = (2.62256727, -1.43734439, -1.41388843)
test('three steps remember all gradients, or a window of two', async () => {
  // b = 0.9 (2.53313298, -2.44757755, 1.33437139) + d z = (4.90238696, -3.64016419, -0.21295418)
  expectTheta(await handWorked('zo-sgd-mmt:state=replay', 3, { seed: seeds() }), [0.19486747, -1.17210171, 0.29022003]);
  // b = 0.9 (1.97890814, -0.47546054, 0.45562713) + d z = (4.40358460, -1.86525888, -1.00382401)
  expectTheta(await handWorked('zo-sgd-mmt:state=replay:window=2', 3, { seed: seeds() }), [0.2447477, -1.34959224, 0.36930701]);
});

test('replay keeps no array', async () => {
  expect((await resolveOptimizer('zo-sgd-mmt')).stateArrays).toBe(1);
  expect((await resolveOptimizer('zo-sgd-mmt:state=replay')).stateArrays).toBe(0);
});

test.each([
  { name: 'zo-sgd-mmt:window=3', why: 'window limits what state=replay keeps: give state=replay too' },
  { name: 'zo-sgd-mmt:momentum=1', why: 'optimizer zo-sgd-mmt: option momentum=1: a number from 0 to below 1 is needed' },
])('$name is refused', async ({ name, why }) => {
  await expect(resolveOptimizer(name)).rejects.toThrow(why);
});

for (const name of ['zo-sgd-mmt', 'zo-sgd-mmt:state=replay']) {
  testTrajectory(
    name,
    2e-4,
    stepByStep(({ model, eta }) => {
      let b: Vector = model.theta().map(() => 0);
      return async (theta, step) => {
        const z = model.direction(step, 0);
        const { loss, d } = await twoPoint(model, theta, z, step);
        b = b.map((value, i) => 0.9 * value + d * (z[i] ?? NaN));
        return { loss, theta: plus(theta, -eta, b) };
      };
    }),
  );
}
