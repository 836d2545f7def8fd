import type { Parameters, Seed } from '../../engine/index.js';
import type { Hyperparameters, StepContext } from '../../optimizers/index.js';

/** Forward and backward passes of the model. */
export interface Passes {
  readonly forwards: number;
  readonly backwards: number;
}

export type ProbeSettings = Pick<Hyperparameters, 'learningRate' | 'epsilon'>;

/** What estimators are measured on: one loss at one theta. */
export interface EstimatorSubject {
  readonly parameters: Parameters;
  /** What the first step of a run with that seed is given. */
  context(seed: Seed, settings: ProbeSettings): StepContext;
  /** Passes made so far. */
  passes(): Passes;
}
