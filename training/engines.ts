import {
  ActivationNorms,
  BackwardRunner,
  DivergedError,
  ForwardRunner,
  JvpRunner,
  operators,
  program,
  UsageError,
  type Backend,
  type Buffers,
  type Direction,
  type Point,
  type Seed,
} from '../engine/index.js';
import { countedTokens, type LanguageModel } from '../models/index.js';
import type { Hyperparameters, StepContext } from '../optimizers/index.js';
import type { CellSettings } from '../records/index.js';
import type { Batch } from '../tasks/index.js';
import type { AnswerWriter } from './answers.js';
import { judgeAnswer, scalarOf, tallies, WeightedMean } from './objectives.js';
import { stepSeeds } from './run-seeds.js';

const { add, scale, subtract } = operators;

const average = program({ arrays: ['mean', 'other'], scalars: ['share'] }, ({ mean, other }, { share }) => ({
  mean: add(scale(mean, subtract(1, share)), scale(other, share)),
}));

/** A batch, or the micro-batches it is run in. */
export type StepBatch = Batch | readonly Batch[];

/** What every step of a run is told besides its batch. */
export interface StepSettings extends Hyperparameters, Pick<StepContext, 'steps'> {
  /** The training set in batches, for the optimizers that ask for it; gone through once, so each may be made when it is asked for. */
  readonly trainingBatches: () => Iterable<StepBatch>;
}

/** The three ways to run a model, over the same parameters, and how often each was used. */
export class Engines {
  readonly staged: ForwardRunner;
  readonly #tangent: JvpRunner;
  readonly #backpropagation: BackwardRunner;
  /** Room for a micro-batch's gradient beside the mean of those before it. */
  readonly #partial = new WeakMap<Buffers, Buffers>();
  forwards = 0;
  backwards = 0;

  constructor(
    backend: Backend,
    readonly model: LanguageModel,
    readonly objective: CellSettings['objective'] = 'cross-entropy',
    /** Of a task whose answers the model writes itself: a metric is one of these. */
    readonly writer?: AnswerWriter,
  ) {
    this.staged = new ForwardRunner(backend, model.parameters);
    this.#tangent = new JvpRunner(backend, model.parameters);
    this.#backpropagation = new BackwardRunner(backend, model.parameters, this.staged);
  }

  /**
   * What an optimizer sees of one step (counted from 0) on one batch. A batch in micro-batches is one batch, also where passes are
   * counted. Throws DivergedError naming the step, counted from 1 as in records, when a loss is not a number.
   */
  context(batch: StepBatch, runSeed: Seed, step: number, settings: StepSettings): StepContext {
    const parts = partsOf(batch);
    const { trainingBatches, ...hyperparameters } = settings;
    return {
      ...hyperparameters,
      parameters: this.model.parameters,
      step,
      seed: stepSeeds(runSeed, step),
      losses: (...points) => inStep(step, () => this.#losses([parts], points)),
      trainingLosses: (...points) => inStep(step, () => this.#losses(trainingBatches(), points)),
      directionalDerivative: (direction) => inStep(step, () => this.#derivative(parts, direction)),
      gradient: (into) => inStep(step, () => this.#gradient(parts, into)),
      activationNorms: () => this.#activationNorms(parts),
    };
  }

  /** The loss of all batches as one, at each point. */
  async #losses(batches: Iterable<StepBatch>, points: readonly Point[]): Promise<number[]> {
    if (this.writer && this.objective !== 'cross-entropy') return this.#writtenLosses(this.writer, batches, points);
    const sums = points.map(() => tallies[this.objective]());
    for (const batch of batches) {
      this.forwards += points.length;
      for (const part of partsOf(batch)) {
        const made = await this.staged.run(this.model.stages(part.objective), part.tensors, points);
        sums.forEach((sum, k) => sum.add(made[k] ?? {}, part));
      }
    }
    return sums.map((sum) => sum.loss());
  }

  /** Minus the metric of the answers that the model writes at each point; a batch's answers count as one forward pass. */
  async #writtenLosses(writer: AnswerWriter, batches: Iterable<StepBatch>, points: readonly Point[]): Promise<number[]> {
    const scores = points.map((point) => ({ point, score: new WeightedMean() }));
    for (const batch of batches) {
      this.forwards += points.length;
      for (const { questions = [] } of partsOf(batch)) {
        for (const { point, score } of scores) {
          const answers = await writer.write(this.staged, questions, point);
          answers.forEach((answer, k) => score.add(judgeAnswer(this.objective, answer, questions[k]?.golds ?? []), 1));
        }
      }
    }
    return scores.map(({ score }) => -score.value);
  }

  async #derivative(parts: readonly Batch[], direction: Direction): Promise<{ loss: number; derivative: number }> {
    this.#needDerivatives();
    this.forwards += 1;
    const [loss, derivative] = [new WeightedMean(), new WeightedMean()];
    for (const { objective, tensors, count } of parts) {
      const made = await this.#tangent.run(this.model.stages(objective), tensors, direction);
      loss.add(scalarOf(made.values, 'loss'), count);
      derivative.add(scalarOf(made.tangents, 'loss'), count);
    }
    return { loss: loss.value, derivative: derivative.value };
  }

  async #gradient(parts: readonly Batch[], into: Buffers): Promise<number> {
    this.#needDerivatives();
    this.forwards += 1;
    this.backwards += 1;
    const loss = new WeightedMean();
    let seen = 0;
    for (const { objective, tensors, count } of parts) {
      const own = seen === 0 ? into : this.#partialOf(into);
      loss.add(await this.#backpropagation.run(this.model.stages(objective), tensors, own), count);
      seen += count;
      if (own !== into) this.#average(into, own, count / seen);
    }
    if (!Number.isFinite(loss.value)) throw new DivergedError(`the loss is ${loss.value}`);
    return loss.value;
  }

  #partialOf(into: Buffers): Buffers {
    const partial = this.#partial.get(into) ?? this.model.parameters.allocateBuffers(({ name }) => into.has(name));
    this.#partial.set(into, partial);
    return partial;
  }

  /** mean <- (1 - share) mean + share other */
  #average(mean: Buffers, other: Buffers, share: number): void {
    this.model.parameters.update(average.on({ mean, other }, { share }));
  }

  async #activationNorms(parts: readonly Batch[]): Promise<ReadonlyMap<string, Float32Array>> {
    this.forwards += 1;
    const activations = new ActivationNorms(this.staged);
    for (const { objective, tensors } of parts) await activations.add(this.model.stages(objective), tensors, countedTokens(tensors));
    return activations.norms;
  }

  #needDerivatives(): void {
    if (this.objective === 'cross-entropy') return;
    throw new UsageError(`--objective ${this.objective} has no derivative, and this optimizer asks for one`);
  }
}

const partsOf = (batch: StepBatch): readonly Batch[] => ('tensors' in batch ? [batch] : batch);

/** Names the step in which a loss stopped being a number. */
async function inStep<T>(step: number, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw error instanceof DivergedError ? new DivergedError(`${error.message} in step ${step + 1}`) : error;
  }
}
