import { describe, expect, test } from '@jest/globals';
import { cpuBackend, type Backend, type Parameter } from '../../engine/index.js';
import { resolveOptimizer } from '../../optimizers/index.js';
import { choiceBatch } from '../../tasks/index.js';
import { Engines } from '../../training/engines.js';
import { otherBackends } from '../support/other-backends.js';
import { maskedExamples, oneTokenExamples, PAD_ID, tinyModel, type TinyFamily } from '../support/tiny-model.js';

const backends = await otherBackends();
const RELATIVE = 1e-3;
const families: readonly TinyFamily[] = ['opt', 'llama', 'roberta'];
const LEARNING_RATE = 1e-2;

/**
 * A key's bias adds the same to all scores of a query, which softmax does not see: its gradient is rounding alone, of which Adam, that divides
 * by its size, makes whole steps, other ones on each machine.
 */
const isFelt = ({ name }: Parameter): boolean => !/(k_proj|key)\.bias$/.test(name);

/** Ten steps: the losses, and by how much each number of the parameters was moved. */
async function tenSteps(backend: Backend, family: TinyFamily, name: string) {
  const model = tinyModel(family);
  const { parameters } = model;
  const numbers = (): Float32Array[] => parameters.all.filter(isFelt).map((parameter) => parameters.values(parameter).slice());
  const examples = family === 'roberta' ? maskedExamples(2, 9) : oneTokenExamples(2, 9);
  const batch = choiceBatch(model, examples, PAD_ID);
  const before = numbers();
  const engines = new Engines(backend, model);
  const optimizer = await resolveOptimizer(name);
  const state = optimizer.init(parameters);
  const settings = { learningRate: LEARNING_RATE, epsilon: 1e-2, weightDecay: 0, steps: 10, trainingBatches: () => [batch] };
  const losses: number[] = [];
  for (let step = 0; step < 10; step++) losses.push((await optimizer.step(engines.context(batch, 5, step, settings), state)).loss);
  const moved = numbers().flatMap((values, index) => Array.from(values, (value, at) => value - (before[index]?.[at] ?? NaN)));
  return { losses, moved };
}

/** Euclidean. */
const norm = (vector: readonly number[]): number => Math.hypot(...vector);

const cases = backends.flatMap((backend) => families.map((family) => ({ name: backend.name, backend, family })));

describe.each(cases)('$family on $name', ({ backend, family }) => {
  test.each(['zo-sgd', 'fo-adam', 'forward-grad'])('is moved by ten steps of %s as on the CPU', async (name) => {
    const [here, there] = [await tenSteps(cpuBackend(1), family, name), await tenSteps(backend, family, name)];
    here.losses.forEach((loss, step) => expect(Math.abs((there.losses[step] ?? NaN) - loss)).toBeLessThan(RELATIVE * loss));
    const apart = there.moved.map((way, at) => way - (here.moved[at] ?? NaN));
    expect(norm(here.moved)).toBeGreaterThan(0);
    expect(norm(apart)).toBeLessThan(RELATIVE * norm(here.moved));
  });
});
