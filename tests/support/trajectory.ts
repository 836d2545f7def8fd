import { expect, test } from '@jest/globals';
import { Engines } from '../../training/engines.js';
import {
  BackwardRunner,
  cpuBackend,
  deriveSeed,
  float32Of,
  noiseKey,
  ForwardRunner,
  standardNormal,
  type Buffers,
  type Parameter,
} from '../../engine/index.js';
import type { LanguageModel } from '../../models/index.js';
import { resolveOptimizer, type StepContext } from '../../optimizers/index.js';
import { schemeNamed } from '../../schemes/index.js';
import { choiceBatch, type Batch } from '../../tasks/index.js';
import { PAD_ID, raggedExamples, tinyModel } from './tiny-model.js';

export const STEPS = 20;
/** Ten times the usual: the rounding of a loss, 1e-7, makes an error of 1e-7 / (2 epsilon) in d. */
export const EPSILON = 1e-2;
const SEED = 11;
/** Of the norm of theta. The references compute in float64 what the optimizers do in float32, whose last place is 6e-8. */
const RELATIVE = 1e-5;
/** What theta must have moved at least, so that the tolerance is no more than a two-thousandth of it. */
const MOVED = 0.02;

export type Vector = readonly number[];

/** A model seen as a function of one dense vector: all its trainable parameters one after another. */
export class DenseModel {
  readonly #model: LanguageModel;
  readonly #runner: ForwardRunner;
  readonly #backpropagation: BackwardRunner;
  readonly #gradients: Buffers;
  readonly #batches: readonly Batch[];

  constructor(model: LanguageModel) {
    this.#model = model;
    this.#runner = new ForwardRunner(backend, model.parameters);
    this.#backpropagation = new BackwardRunner(backend, model.parameters);
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

  /** The mean loss over all batches: what {@link StepContext.trainingLosses} sees. */
  async trainingLoss(theta: Vector): Promise<number> {
    let sum = 0;
    for (let step = 0; step < this.#batches.length; step++) sum += (await this.loss(theta, step)) / this.#batches.length;
    return sum;
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

  /** z of a seed of that step, element by element from its definition. */
  direction(step: number, ...path: readonly number[]): number[] {
    const seed = this.seed(step, ...path);
    return this.trainable.flatMap(({ name, count }) => {
      const key = noiseKey(seed, name);
      return Array.from({ length: count }, (_, element) => standardNormal(key, element));
    });
  }

  seed(step: number, ...path: readonly number[]): number {
    return deriveSeed(SEED, step, ...path);
  }

  /** The parameters that move, in the order of the dense vectors. */
  get trainable(): readonly Parameter[] {
    return this.#model.parameters.trainable;
  }

  /** The part of a dense vector that weight decay shrinks: all but biases and norms. */
  matrices(theta: Vector): number[] {
    const shrinks = this.trainable.flatMap(({ shape, count }) => new Array<boolean>(count).fill(shape.length > 1));
    return theta.map((value, i) => (shrinks[i] === true ? value : 0));
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

export const dot = (a: Vector, b: Vector): number => a.reduce((sum, value, i) => sum + value * (b[i] ?? NaN), 0);
export const plus = (a: Vector, scale: number, b: Vector): number[] => a.map((value, i) => value + scale * (b[i] ?? NaN));
export const norm = (a: Vector): number => Math.sqrt(dot(a, a));

/** What a plain implementation is given: the model as a function of a dense vector, and the learning rate. */
export interface Plain {
  readonly model: DenseModel;
  readonly eta: number;
}

/** An optimizer written down again, in float64: the losses it sees, and where it ends. */
export type Reference = (plain: Plain) => Promise<{ losses: number[]; theta: number[] }>;

/** A plain step: from theta at the start of a step to the loss seen and theta after it. */
export type PlainStep = (theta: number[], step: number) => Promise<{ loss: number; theta: number[] }>;

/** The reference that takes {@link STEPS} plain steps; `begin` makes what a run keeps between them. */
export const stepByStep =
  (begin: (plain: Plain) => PlainStep): Reference =>
  async (plain) => {
    const take = begin(plain);
    let theta = plain.model.theta();
    const losses: number[] = [];
    for (let step = 0; step < STEPS; step++) {
      const done = await take(theta, step);
      losses.push(done.loss);
      theta = done.theta;
    }
    return { losses, theta };
  };

/** (L(theta + epsilon z) - L(theta - epsilon z)) / (2 epsilon), and the mean of the two losses. */
export async function twoPoint(model: DenseModel, theta: Vector, z: Vector, step: number): Promise<{ loss: number; d: number }> {
  const above = await model.loss(plus(theta, EPSILON, z), step);
  const below = await model.loss(plus(theta, -EPSILON, z), step);
  return { loss: (above + below) / 2, d: (above - below) / (2 * EPSILON) };
}

/**
 * Declares the tests that 20 steps of the optimizer of that name equal its plain implementation, under full fine-tuning and LoRA.
 * `forwardsUnder`: forward passes per step by scheme, of an optimizer whose cost depends on what it moves.
 */
export function testTrajectory(
  name: string,
  eta: number,
  reference: Reference,
  settings: Partial<StepContext> = {},
  forwardsUnder: Readonly<Record<string, number>> = {},
): void {
  test.each(['full', 'lora'])(
    `${name}: ${STEPS} steps on a random OPT, %s, are those of a plain implementation in float64`,
    async (scheme) => {
      const model = (): LanguageModel => tinyModel('opt', schemeNamed(scheme).adaptation(SEED));
      const optimizer = await resolveOptimizer(name);
      const trained = model();
      const engines = new Engines(backend, trained);
      const batches = batchesFor(trained);
      const start = denseTheta(trained);
      const state = optimizer.init(trained.parameters);
      const losses: number[] = [];
      for (let step = 0; step < STEPS; step++) {
        const batch = batches[step % batches.length];
        if (!batch) throw new Error('no batch');
        const context = engines.context(batch, SEED, step, {
          learningRate: eta,
          epsilon: EPSILON,
          weightDecay: 0,
          steps: STEPS,
          trainingBatches: () => batches,
        });
        losses.push((await optimizer.step({ ...context, ...settings }, state)).loss);
      }
      const { forwards, backwards, forwardsPerTrainingBatch = 0 } = optimizer.cost;
      expect(engines.forwards / STEPS).toBe(forwardsUnder[scheme] ?? forwards + forwardsPerTrainingBatch * batches.length);
      expect(engines.backwards / STEPS).toBe(backwards);

      const expected = await reference({ model: new DenseModel(model()), eta });
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
    },
  );
}

/** All but the keys' biases: their gradient is zero in exact arithmetic, and Adam blows its rounding error up to steps of eta. */
function comparable({ parameters }: LanguageModel): boolean[] {
  return parameters.trainable.flatMap(({ name, count }) => new Array<boolean>(count).fill(!name.endsWith('k_proj.bias')));
}
