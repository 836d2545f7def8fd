import { expect, test } from '@jest/globals';
import { Engines } from '../../training/engines.js';
import { cpuBackend, type Heap, WasmHeap, Parameters } from '../../engine/index.js';
import { unadapted } from '../../models/index.js';
import { optimizerIds, resolveOptimizer } from '../../optimizers/index.js';
import { choosing, oneTokenExamples, tinyModel } from '../support/tiny-model.js';

const STEPS = 3;
/** First memories that hold no parameter. */
const APART = { memory: 2 ** 22, stored: 0 };
const backend = cpuBackend(1);

async function trajectory(name: string, heap: Heap): Promise<unknown> {
  const optimizer = await resolveOptimizer(name);
  const model = tinyModel('llama', unadapted, new Parameters(heap));
  const engines = new Engines(backend, model);
  const batches = Array.from({ length: STEPS }, (_, step) => choosing(model)(oneTokenExamples(4, step)));
  const settings = { learningRate: 0.01, epsilon: 1e-2, weightDecay: 0.01, steps: STEPS, trainingBatches: () => batches };
  const state = optimizer.init(model.parameters);
  const losses: number[] = [];
  for (const [step, batch] of batches.entries()) losses.push((await optimizer.step(engines.context(batch, 5, step, settings), state)).loss);
  return { losses, theta: model.parameters.all.map((parameter) => [...model.parameters.values(parameter)]) };
}

test.each([...optimizerIds, 'zo-sgd:q=2:sparsity=0.5:mask=magnitude', 'zo-sgd:sparsity=0.5:mask=wanda', 'zo-sgd:sparsity=0.5'])(
  '%s takes the same steps, bit for bit, where parameters and state lie in other memories than the rest',
  async (name) => {
    expect(await trajectory(name, new WasmHeap(APART))).toEqual(await trajectory(name, new WasmHeap()));
  },
);
