import type { Buffers, Direction, ParameterPlace, Parameters, Point, Seed } from '../engine/index.js';

/** The scalars of every optimizer. */
export interface Hyperparameters {
  /** eta, of this step */
  readonly learningRate: number;
  /** epsilon of the finite difference; without meaning for optimizers that take none. */
  readonly epsilon: number;
  /** lambda: theta's matrices times lambda are added to the gradient; 0 for none. */
  readonly weightDecay: number;
}

/** What a step may use. All losses and derivatives are of the step's batch; none of them changes theta. */
export interface StepContext extends Hyperparameters {
  /** theta, with the operations that move it. */
  readonly parameters: Parameters;
  /** Counts from 0. */
  readonly step: number;
  /** Steps of the whole run. */
  readonly steps: number;
  /** A seed of this run and step; each path gives another one. */
  readonly seed: (...path: readonly number[]) => Seed;
  /** L at each of the points theta + scale z, for one forward pass each. Mirrored points are cheapest together. */
  readonly losses: (...points: readonly Point[]) => Promise<readonly number[]>;
  /** The same over the whole training set, in batches: a forward pass for each point and batch. */
  readonly trainingLosses: (...points: readonly Point[]) => Promise<readonly number[]>;
  /** L(theta) and grad L . z, by one pass of forward-mode differentiation. */
  readonly directionalDerivative: (direction: Direction) => Promise<{ readonly loss: number; readonly derivative: number }>;
  /** L(theta); writes grad L by backpropagation, of the parameters that `into` has arrays for. */
  readonly gradient: (into: Buffers) => Promise<number>;
  /** For each weight [outputs, inputs] of a linear layer by name: the root mean square of each input feature, by one forward pass. */
  readonly activationNorms: () => Promise<ReadonlyMap<string, Float32Array>>;
}

/** Passes of the model that one step takes on average, as the harness counts them: a forward-mode pass is one forward. */
export interface StepCost {
  readonly forwards: number;
  readonly backwards: number;
  /** Forward passes more for each block that the optimizer takes the trained parameters apart into. */
  readonly perBlock?: { readonly forwards: number; blocks(trained: readonly ParameterPlace[]): number };
  /** Forward passes more for each batch of the training set. */
  readonly forwardsPerTrainingBatch?: number;
}

/** An optimizer: two functions and the state they share. It knows no model and no task. */
export interface Optimizer<State = unknown> {
  /** Its name everywhere: file, command line, results. Kebab case, with the options that are not at their defaults: `zo-sgd:q=4`. */
  readonly id: string;
  /** What information it uses. */
  readonly order: 'zeroth' | 'forward-mode' | 'first';
  readonly cost: StepCost;
  /**
   * Where no tuned value is known. What has no default here it does not use, and a run that sets it is refused: no epsilon where it takes
   * no finite difference, no weight decay where it adds none.
   */
  readonly defaults: { readonly learningRate: number; readonly epsilon?: number; readonly weightDecay?: number };
  /** Arrays of the parameters' size that it keeps between steps, for the memory estimate; low-rank factors, far smaller, are none. */
  readonly stateArrays: number;
  init(parameters: Parameters): State;
  /** One step: moves theta and gives the loss it saw. */
  step(context: StepContext, state: State): Promise<{ readonly loss: number }>;
}

/** What can be asked of an optimizer before it runs. */
export type OptimizerTraits = Pick<Optimizer, 'id' | 'order' | 'cost' | 'defaults' | 'stateArrays'>;
