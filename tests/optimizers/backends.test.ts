import { describe, expect, test } from '@jest/globals';
import { Engines } from '../../training/engines.js';
import { cpuBackend, type Backend } from '../../engine/index.js';
import { optimizerIds, resolveOptimizer } from '../../optimizers/index.js';
import { schemeNamed } from '../../schemes/index.js';
import { farthest } from '../support/engine-numbers.js';
import { otherBackends } from '../support/other-backends.js';
import { choosing, oneTokenExamples, tinyModel } from '../support/tiny-model.js';

// Ten steps on another backend are those on the CPU.

const STEPS = 10;
const RELATIVE = 1e-3;
/** SwiftShader takes a hundred times the CPU's time: there, one of each order. */
const FEW = ['zo-sgd', 'forward-grad', 'fo-adam'];
const backends = await otherBackends();

async function steps(name: string, backend: Backend, scheme: string): Promise<{ losses: number[]; moved: number[] }> {
  const optimizer = await resolveOptimizer(name);
  const model = tinyModel('llama', schemeNamed(scheme).adaptation(0));
  const engines = new Engines(backend, model);
  const theta = (): number[] => model.parameters.trainable.flatMap((parameter) => [...model.parameters.values(parameter)]);
  const start = theta();
  const batches = Array.from({ length: STEPS }, (_, step) => choosing(model)(oneTokenExamples(4, step)));
  // Small enough that the loss changes smoothly; each rule has lengths of its own.
  const settings = {
    learningRate: name === 'zo-muon' ? 1e-2 : 1e-4,
    epsilon: 1e-2,
    weightDecay: 0,
    steps: STEPS,
    trainingBatches: () => batches,
  };
  const state = optimizer.init(model.parameters);
  const losses: number[] = [];
  for (const [step, batch] of batches.entries()) losses.push((await optimizer.step(engines.context(batch, 5, step, settings), state)).loss);
  return { losses, moved: theta().map((value, i) => value - (start[i] ?? NaN)) };
}

const size = (numbers: readonly number[]): number => Math.max(...numbers.map(Math.abs));
const cpu = cpuBackend(1);

describe.each(backends.map((backend) => ({ name: backend.name, backend })))('$name', ({ name, backend }) => {
  test.each(name.endsWith('webgpu') ? FEW : optimizerIds)('takes the steps of %s', async (optimizer) => {
    const [expected, made] = [await steps(optimizer, cpu, 'full'), await steps(optimizer, backend, 'full')];
    expect(size(expected.moved)).toBeGreaterThan(0);
    expect(farthest(made.losses, expected.losses)).toBeLessThan(RELATIVE * size(expected.losses));
  });

  test.each(['lora', 'prefix', 'prompt', 'head'])('trains by %s', async (scheme) => {
    const [expected, made] = [await steps('fo-sgd', cpu, scheme), await steps('fo-sgd', backend, scheme)];
    expect(size(expected.moved)).toBeGreaterThan(0);
    expect(farthest(made.moved, expected.moved)).toBeLessThan(RELATIVE * size(expected.moved));
  });
});
