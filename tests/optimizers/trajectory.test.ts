import { describe, expect, test } from '@jest/globals';
import { Engines } from '../../benchmarks/engines.js';
import {
  Backpropagation,
  cpuBackend,
  deriveSeed,
  float32Of,
  noiseKey,
  StagedRunner,
  standardNormal,
  type Buffers,
} from '../../engine/index.js';
import type { LanguageModel } from '../../models/index.js';
import { optimizerIds, resolveOptimizer } from '../../optimizers/index.js';
import { schemeNamed } from '../../schemes/index.js';
import { choiceBatch, type Batch } from '../../tasks/index.js';
import { PAD_ID, raggedExamples, tinyModel } from '../support/tiny-model.js';

const STEPS = 20;
/** Ten times the usual: the rounding of a loss, 1e-7, makes an error of 1e-7 / (2 epsilon) in d. */
const EPSILON = 1e-2;
const SEED = 11;
/** Of the norm of theta. The references compute in float64 what the optimizers do in float32, whose last place is 6e-8. */
const RELATIVE = 1e-5;
/** What theta must have moved at least, so that the tolerance is no more than a two-thousandth of it. */
const MOVED = 0.02;

type Vector = readonly number[];

/** A model seen as a function of one dense vector: all its trainable parameters one after another. */
class DenseModel {
  readonly #model: LanguageModel;
  readonly #runner: StagedRunner;
  readonly #backpropagation: Backpropagation;
  readonly #gradients: Buffers;
  readonly #batches: readonly Batch[];

  constructor(model: LanguageModel) {
    this.#model = model;
    this.#runner = new StagedRunner(backend, model.parameters);
    this.#backpropagation = new Backpropagation(backend, model.parameters);
    this.#gradients = model.parameters.allocateBuffers();
    this.#batches = batchesFor(model);
  }

  theta(): number[] {
    return denseTheta(this.#model);
  }

  async loss(theta: Vector, step: number): Promise<number> {
    this.#write(theta);
    const { objective, tensors } = this.#batch(step);
    const [made] = await this.#runner.run(this.#model.stages(objective), tensors);
    return float32Of(made ?? {}, 'loss')[0] ?? NaN;
  }

  async gradient(theta: Vector, step: number): Promise<number[]> {
    this.#write(theta);
    const { objective, tensors } = this.#batch(step);
    await this.#backpropagation.run(this.#model.stages(objective), tensors, this.#gradients);
    const { parameters } = this.#model;
    return parameters.trainable.flatMap((parameter) => [
      ...parameters.heap.floats(parameters.buffer(this.#gradients, parameter), parameter.count),
    ]);
  }

  /** z, element by element from its definition. */
  direction(step: number): number[] {
    const seed = deriveSeed(SEED, step);
    return this.#model.parameters.trainable.flatMap(({ name, count }) => {
      const key = noiseKey(seed, name);
      return Array.from({ length: count }, (_, element) => standardNormal(key, element));
    });
  }

  #batch(step: number): Batch {
    const batch = this.#batches[step % this.#batches.length];
    if (!batch) throw new Error('no batch');
    return batch;
  }

  #write(theta: Vector): void {
    let first = 0;
    for (const parameter of this.#model.parameters.trainable) {
      this.#model.parameters.values(parameter).set(theta.slice(first, first + parameter.count));
      first += parameter.count;
    }
  }
}

const backend = cpuBackend(1);

const batchesFor = (model: LanguageModel): Batch[] => [1, 2, 3].map((seed) => choiceBatch(model, raggedExamples(4, seed), PAD_ID));

const denseTheta = ({ parameters }: LanguageModel): number[] =>
  parameters.trainable.flatMap((parameter) => [...parameters.values(parameter)]);

const dot = (a: Vector, b: Vector): number => a.reduce((sum, value, i) => sum + value * (b[i] ?? NaN), 0);
const plus = (a: Vector, scale: number, b: Vector): number[] => a.map((value, i) => value + scale * (b[i] ?? NaN));
const norm = (a: Vector): number => Math.sqrt(dot(a, a));

/** One optimizer written down again: the losses it sees, and where it ends. */
type Reference = (model: DenseModel, eta: number) => Promise<{ losses: number[]; theta: number[] }>;

const references: Readonly<Record<string, { readonly eta: number; readonly run: Reference }>> = {
  'zo-sgd': {
    eta: 1e-3,
    async run(model, eta) {
      let theta = model.theta();
      const losses: number[] = [];
      for (let step = 0; step < STEPS; step++) {
        const z = model.direction(step);
        const above = await model.loss(plus(theta, EPSILON, z), step);
        const below = await model.loss(plus(theta, -EPSILON, z), step);
        losses.push((above + below) / 2);
        theta = plus(theta, (-eta * (above - below)) / (2 * EPSILON), z);
      }
      return { losses, theta };
    },
  },
  'forward-grad': {
    eta: 1e-3,
    async run(model, eta) {
      let theta = model.theta();
      const losses: number[] = [];
      for (let step = 0; step < STEPS; step++) {
        const z = model.direction(step);
        losses.push(await model.loss(theta, step));
        theta = plus(theta, -eta * dot(await model.gradient(theta, step), z), z);
      }
      return { losses, theta };
    },
  },
  'fo-sgd': {
    eta: 0.05,
    async run(model, eta) {
      let theta = model.theta();
      const losses: number[] = [];
      for (let step = 0; step < STEPS; step++) {
        losses.push(await model.loss(theta, step));
        theta = plus(theta, -eta, await model.gradient(theta, step));
      }
      return { losses, theta };
    },
  },
  'fo-adam': {
    eta: 1e-3,
    async run(model, eta) {
      let theta = model.theta();
      let m = theta.map(() => 0);
      let v = theta.map(() => 0);
      const losses: number[] = [];
      for (let step = 0; step < STEPS; step++) {
        losses.push(await model.loss(theta, step));
        const g = await model.gradient(theta, step);
        m = m.map((value, i) => 0.9 * value + 0.1 * (g[i] ?? NaN));
        v = v.map((value, i) => 0.999 * value + 0.001 * (g[i] ?? NaN) ** 2);
        const [first, second] = [1 - 0.9 ** (step + 1), 1 - 0.999 ** (step + 1)];
        theta = theta.map((value, i) => value - (eta * ((m[i] ?? NaN) / first)) / (Math.sqrt((v[i] ?? NaN) / second) + 1e-8));
      }
      return { losses, theta };
    },
  },
};

test('every optimizer has a plain implementation here', () => {
  expect(Object.keys(references).sort()).toEqual([...optimizerIds].sort());
});

describe.each([{ scheme: 'full' }, { scheme: 'lora' }])(
  `${STEPS} steps on a random OPT, $scheme, are those of a plain implementation in float64`,
  ({ scheme }) => {
    const model = (): LanguageModel => tinyModel('opt', schemeNamed(scheme).adaptation(SEED));
    test.each(Object.entries(references).map(([id, reference]) => ({ id, ...reference })))('$id', async ({ id, eta, run }) => {
      const optimizer = await resolveOptimizer(id);
      const trained = model();
      const engines = new Engines(backend, trained);
      const batches = batchesFor(trained);
      const start = denseTheta(trained);
      const state = optimizer.init(trained.parameters);
      const losses: number[] = [];
      for (let step = 0; step < STEPS; step++) {
        const batch = batches[step % batches.length];
        if (!batch) throw new Error('no batch');
        losses.push((await optimizer.step(engines.context(batch, SEED, step, { learningRate: eta, epsilon: EPSILON }), state)).loss);
      }
      expect({ forwards: engines.forwards / STEPS, backwards: engines.backwards / STEPS }).toEqual(optimizer.cost);

      const expected = await run(new DenseModel(model()), eta);
      losses.forEach((loss, step) => {
        const wanted = expected.losses[step] ?? NaN;
        expect(Math.abs(loss - wanted)).toBeLessThanOrEqual(RELATIVE * Math.abs(wanted));
      });
      const counted = comparable(trained);
      const theta = denseTheta(trained).filter((_, i) => counted[i]);
      const wanted = expected.theta.filter((_, i) => counted[i]);
      const before = start.filter((_, i) => counted[i]);
      expect(norm(plus(wanted, -1, before))).toBeGreaterThan(MOVED * norm(before));
      expect(norm(plus(theta, -1, wanted))).toBeLessThanOrEqual(RELATIVE * norm(wanted));
    });
  },
);

/** All but the keys' biases: their gradient is zero in exact arithmetic, and Adam blows its rounding error up to steps of eta. */
function comparable({ parameters }: LanguageModel): boolean[] {
  return parameters.trainable.flatMap(({ name, count }) => new Array<boolean>(count).fill(!name.endsWith('k_proj.bias')));
}
