import { deriveSeed, DivergedError, permutation, UsageError, type Parameters, type Seed } from '../engine/index.js';
import type { Hyperparameters, Optimizer, StepContext } from '../optimizers/index.js';
import type { CellSettings } from '../records/index.js';
import type { Batch, EncodedExample } from '../tasks/index.js';
import type { Engines } from './engines.js';
import { dataSeed, noiseSeed } from './run-seeds.js';
import { scheduleFactor } from './schedule.js';

/** The settings that decide what a step is told besides losses; `epsilon` is null for an optimizer without one, the rate where none is run. */
export type StepRules = Pick<CellSettings, 'steps' | 'learningRate' | 'schedule' | 'warmup' | 'weightDecay' | 'epsilon'>;

export type TrainingSettings = StepRules & Pick<CellSettings, 'seed' | 'batchSize' | 'accumulate'>;

export interface TrainedStep {
  /** Steps done, this one included. */
  readonly step: number;
  readonly forwards: number;
  readonly loss: number;
  readonly milliseconds: number;
}

/** Steps that were taken before, and are taken again without a model: `context` tells what they were told. */
export interface EarlierSteps {
  readonly steps: number;
  context(parameters: Parameters, step: number): StepContext;
  /** Sees each of them once it is taken, counted from 1. */
  taken(step: number): void;
}

/**
 * Trains on batches drawn epoch by epoch; `afterStep` sees each step but the earlier ones and may evaluate. Throws DivergedError;
 * InputError where the earlier steps are not those of this optimizer.
 */
export async function train(
  engines: Engines,
  optimizer: Pick<Optimizer, 'init' | 'step'>,
  examples: readonly EncodedExample[],
  makeBatch: (examples: readonly EncodedExample[]) => Batch,
  settings: TrainingSettings,
  afterStep: (step: TrainedStep) => Promise<void>,
  earlier?: EarlierSteps,
): Promise<void> {
  const state = optimizer.init(engines.model.parameters);
  const { steps, batchSize, accumulate } = settings;
  const batchOf = (some: readonly EncodedExample[]): Batch[] => microBatches(some, accumulate).map(makeBatch);
  // One at a time: all of them would be as much memory as the training set has padded tokens.
  const trainingBatches = function* (): Generator<Batch[]> {
    for (let first = 0; first < examples.length; first += batchSize) yield batchOf(examples.slice(first, first + batchSize));
  };
  const batches = epochs(examples, batchSize, dataSeed(settings.seed));
  for (let step = 0; step < steps; step++) {
    const drawn = batches.next().value;
    if (earlier && step < earlier.steps) {
      await optimizer.step(earlier.context(engines.model.parameters, step), state);
      earlier.taken(step + 1);
      continue;
    }
    const start = performance.now();
    const stepSettings = { ...hyperparametersOf(settings, step), trainingBatches };
    const context = engines.context(batchOf(drawn), noiseSeed(settings.seed), step, stepSettings);
    const loss = lossOf(await optimizer.step(context, state), step);
    await afterStep({ step: step + 1, forwards: engines.forwards, loss, milliseconds: performance.now() - start });
  }
}

/** The loss that a step gave, which an optimizer of a user's own may have made itself. @throws DivergedError where it is not finite. */
function lossOf(result: unknown, step: number): number {
  const { loss } = Object(result) as { readonly loss?: unknown };
  if (typeof loss !== 'number') throw new UsageError(`step ${step + 1} of the optimizer gave no loss: it has to return { loss: <number> }`);
  if (!Number.isFinite(loss)) throw new DivergedError(`the loss is ${loss} in step ${step + 1}`);
  return loss;
}

/** What a step, counted from 0, is told besides losses and parameters. */
export function hyperparametersOf(rules: StepRules, step: number): Hyperparameters & Pick<StepContext, 'steps'> {
  const { learningRate, epsilon, weightDecay, steps } = rules;
  return { learningRate: (learningRate ?? NaN) * scheduleFactor(rules, step), epsilon: epsilon ?? NaN, weightDecay, steps };
}

/** Splits the examples into so many parts, as even as they can be; none of them empty. */
export function microBatches<T>(examples: readonly T[], parts: number): T[][] {
  const bound = (k: number): number => Math.floor((k * examples.length) / parts);
  return Array.from({ length: parts }, (_, k) => examples.slice(bound(k), bound(k + 1))).filter((part) => part.length > 0);
}

/** Batches without end: every epoch goes through the examples in an order of its own. */
function* epochs<T>(items: readonly T[], batchSize: number, seed: Seed): Generator<T[], never> {
  let pending: T[] = [];
  for (let epoch = 0; ; epoch++) {
    for (const index of permutation(items.length, deriveSeed(seed, epoch))) {
      const item = items[index];
      if (item !== undefined) pending.push(item);
      if (pending.length < batchSize) continue;
      yield pending;
      pending = [];
    }
  }
}
