import { expect, test } from '@jest/globals';
import { UsageError } from '../../engine/index.js';
import { optimizerIds, requireUsed, resolveOptimizer } from '../../optimizers/index.js';
import { contractBowls, Quadratic, type Bowl } from '../support/quadratic.js';

/** Matrices, for biases and norms do not decay; in two blocks of a model. */
const bowls = contractBowls.map((bowl, k): Bowl => ({ ...bowl, shape: [1, bowl.theta.length], stage: `block.${k}` }));

/** The loss after some steps with that weight decay. */
async function stepped(name: string, weightDecay: number): Promise<number> {
  const optimizer = await resolveOptimizer(name);
  const problem = new Quadratic(bowls);
  const state = optimizer.init(problem.parameters);
  for (let step = 0; step < 3; step++) {
    await optimizer.step(problem.context(1, step, { learningRate: 1e-3, epsilon: 1e-3, weightDecay }), state);
  }
  return problem.loss();
}

test.each(optimizerIds)('%s moves otherwise with weight decay where it has a default of it, as it says', async (id) => {
  const { defaults } = await resolveOptimizer(id);
  expect((await stepped(id, 0.5)) !== (await stepped(id, 0))).toBe(defaults.weightDecay !== undefined);
});

test.each(['zo-sgd-mmt:state=replay', 'zo-adam:state=replay'])('%s, which cannot decay weights, refuses to in a line', async (name) => {
  const optimizer = await resolveOptimizer(name);
  expect(() => requireUsed(optimizer, { weightDecay: 0.1 })).toThrow(
    new UsageError(`optimizer ${name} does not use --weight-decay: leave it out (what an optimizer uses has a default in it)`),
  );
  expect(() => requireUsed(optimizer, { weightDecay: 0 })).not.toThrow();
});
