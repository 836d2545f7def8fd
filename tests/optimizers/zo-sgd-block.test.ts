import { describe, expect, test } from '@jest/globals';
import { Engines } from '../../training/engines.js';
import { forwardsPerStep } from '../../benchmarks/plan/estimate.js';
import { cpuBackend, noiseKey, standardNormal, type Backend, type Parameter } from '../../engine/index.js';
import { resolveOptimizer, type StepContext } from '../../optimizers/index.js';
import { schemeNamed } from '../../schemes/index.js';
import { choiceBatch } from '../../tasks/index.js';
import { expectTheta, handWorked } from '../support/hand-worked.js';
import type { Bowl } from '../support/quadratic.js';
import { raggedExamples, PAD_ID, tinyModel } from '../support/tiny-model.js';
import { plus, stepByStep, testTrajectory, twoPoint, type DenseModel, type Reference, type Vector } from '../support/trajectory.js';

/** Two blocks, with gradients (1, -2) and (-2, 1). */
const bowls: readonly Bowl[] = [
  { name: 'a', trainable: true, theta: [1, -2], a: [1, 2], b: [0, -1] },
  { name: 'b', trainable: true, theta: [0.5, 1], a: [4, 1], b: [1, 0] },
];

/** Block number k gets the seed 5 + k. */
const seed = (block: number | undefined): number => 5 + (block ?? NaN);

// By `standardNormal`, z_0 = (0.30166532, -1.78489516) for a under the seed 5, z_1 = (0.76695231, -1.49446697) for b under the seed 6.
// The quadratic does not couple them, so both sweeps are the same:
//   d_0 = 0.30166532 + 2 * 1.78489516 = 3.87145564      a - 0.1 d_0 z_0 = (1 - 0.11678839, -2 + 0.69101424)
//   d_1 = -2 * 0.76695231 - 1.49446697 = -3.02837159    b - 0.1 d_1 z_1 = (0.5 + 0.23226166, 1 - 0.45258013)
test.each(['gauss-seidel', 'jacobi'])('one step, %s', async (sweep) => {
  const problem = await handWorked(`zo-sgd-block:sweep=${sweep}`, 1, { seed }, bowls);
  expectTheta(problem, [0.88321161, -1.30898576, 0.73226166, 0.54741987]);
  expect(problem.scales).toEqual([1e-3, -1e-3, 1e-3, -1e-3]);
});

/** theta at each call for losses in one step. */
async function thetasProbedAt(name: string): Promise<number[][]> {
  const seen: number[][] = [];
  const optimizer = await resolveOptimizer(name);
  const problem = await handWorked('zo-sgd', 0, {}, bowls);
  const context = problem.context(0, 0, { learningRate: 0.1, epsilon: 1e-3 });
  const losses: StepContext['losses'] = (...points) => {
    seen.push(problem.theta());
    return context.losses(...points);
  };
  await optimizer.step({ ...context, losses }, optimizer.init(problem.parameters));
  return seen;
}

test('gauss-seidel moves a block before it probes the next, jacobi moves all at the end', async () => {
  const [start = [], second = []] = await thetasProbedAt('zo-sgd-block');
  expect(second.slice(0, 2)).not.toEqual(start.slice(0, 2));
  expect(second.slice(2)).toEqual(start.slice(2));
  expect(await thetasProbedAt('zo-sgd-block:sweep=jacobi')).toEqual([start, start]);
});

const DECAY = 0.1;

/** Names of blocks, read off the full names of OPT's parameters. */
const namings: Readonly<Record<string, (name: string) => string>> = {
  block: (name) => /layers\.\d/.exec(name)?.[0] ?? name.replace(/\.[a-z]+$/, ''),
  module: (name) => /layers\.\d\.[a-z0-9_]+/.exec(name)?.[0] ?? name.replace(/\.[a-z]+$/, ''),
  linear: (name) => name.replace(/(\.lora_.)?\.[a-z]+$/, ''),
};

/** z of each block, in the order of the blocks: the seed's of the block on it, 0 elsewhere. */
function blockDirections(model: DenseModel, step: number, naming: (name: string) => string): { z: Vector; within: Vector }[] {
  const names = model.trainable.map(({ name }: Parameter) => naming(name));
  return [...new Set(names)].map((block, b) => {
    const over = (numbers: (parameter: Parameter) => readonly number[]): number[] =>
      model.trainable.flatMap((parameter, k) => (names[k] === block ? numbers(parameter) : new Array<number>(parameter.count).fill(0)));
    return {
      within: over(({ count }) => new Array<number>(count).fill(1)),
      z: over((parameter) => normals(parameter, model.seed(step, b))),
    };
  });
}

function normals({ name, count }: Parameter, from: number): number[] {
  const key = noiseKey(from, name);
  return Array.from({ length: count }, (_, element) => standardNormal(key, element));
}

const masked = (a: Vector, within: Vector): number[] => a.map((value, i) => value * (within[i] ?? NaN));

const gaussSeidel = (level: string, decay: number): Reference =>
  stepByStep(({ model, eta }) => async (start, step) => {
    let theta = start;
    const losses: number[] = [];
    for (const { z, within } of blockDirections(model, step, namings[level] ?? String)) {
      const { loss, d } = await twoPoint(model, theta, z, step);
      const moved = plus(theta, -eta * d, z);
      theta = decay === 0 ? moved : plus(moved, -eta * decay, masked(model.matrices(theta), within));
      losses.push(loss);
    }
    return { loss: losses[0] ?? NaN, theta };
  });

const jacobi: Reference = stepByStep(({ model, eta }) => async (theta, step) => {
  const blocks = blockDirections(model, step, namings.module ?? String);
  let moved = plus(theta, -eta * DECAY, model.matrices(theta));
  let sum = 0;
  for (const { z } of blocks) {
    const { loss, d } = await twoPoint(model, theta, z, step);
    moved = plus(moved, -eta * d, z);
    sum += loss / blocks.length;
  }
  return { loss: sum, theta: moved };
});

// Two blocks and three modules outside of them; five modules or eight linear layers and norms in each. LoRA is in two layers of each.
testTrajectory('zo-sgd-block', 1e-3, gaussSeidel('block', DECAY), { weightDecay: DECAY }, { full: 10, lora: 4 });
testTrajectory('zo-sgd-block:level=linear', 2e-3, gaussSeidel('linear', 0), {}, { full: 38, lora: 8 });
testTrajectory('zo-sgd-block:level=module:sweep=jacobi', 2e-3, jacobi, { weightDecay: DECAY }, { full: 26, lora: 4 });

describe('on a tiny OPT', () => {
  test.each(['full', 'lora'])('declares the passes of a step under %s that the harness counts', async (scheme) => {
    const optimizer = await resolveOptimizer('zo-sgd-block:level=linear');
    const model = tinyModel('opt', schemeNamed(scheme).adaptation(1));
    const engines = new Engines(cpuBackend(1), model);
    const settings = { learningRate: 1e-3, epsilon: 1e-2, weightDecay: 0, steps: 1, trainingBatches: () => [] };
    const context = engines.context(choiceBatch(model, raggedExamples(4, 1), PAD_ID), 1, 0, settings);
    await optimizer.step(context, optimizer.init(model.parameters));
    expect(engines.forwards).toBe(forwardsPerStep(optimizer.cost, model.parameters.trainable, { trainSize: 1, batchSize: 1 }));
  });

  test('runs what comes before a block once for both of its probes', async () => {
    const runs: string[] = [];
    const watched: Backend = {
      ...cpuBackend(1),
      compile: async (graph) => {
        const session = await cpuBackend(1).compile(graph);
        const kind = graph.inputs.some(({ name }) => name.includes('fc1')) ? 'block' : 'other';
        return { release: () => session.release(), run: (...given) => (runs.push(kind), session.run(...given)) };
      },
    };
    const model = tinyModel('opt');
    const engines = new Engines(watched, model);
    const optimizer = await resolveOptimizer('zo-sgd-block');
    const batch = choiceBatch(model, raggedExamples(4, 1), PAD_ID);
    const context = engines.context(batch, 1, 0, {
      learningRate: 1e-3,
      epsilon: 1e-2,
      weightDecay: 0,
      steps: 1,
      trainingBatches: () => [],
    });
    await optimizer.step(context, optimizer.init(model.parameters));
    expect(engines.forwards).toBe(10);
    // Both embeddings: 4 of the two blocks; first block: 4; second: 1 + 2; final norm: 2.
    expect(runs.filter((kind) => kind === 'block')).toHaveLength(2 * 4 + 4 + 3 + 2);
  });
});
