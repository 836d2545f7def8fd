import { deriveSeed, Parameters, type Buffers, type Direction, type Parameter, type Pointer } from '../../engine/index.js';
import type { Hyperparameters, StepContext } from '../../optimizers/index.js';

/** One parameter of the problem: where it starts, how steep the bowl is (a), and where its bottom is (b). */
export interface Bowl {
  readonly name: string;
  readonly trainable: boolean;
  readonly theta: readonly number[];
  readonly a: readonly number[];
  readonly b: readonly number[];
  /** Its elements in their order as a matrix. */
  readonly shape?: readonly [number, number];
  /** The stage that uses it. */
  readonly stage?: string;
}

/** Eleven trainable numbers in two parameters, and three frozen ones. The farthest is 3 from its minimum, the steepest has a = 2. */
export const contractBowls: readonly Bowl[] = [
  { name: 'first', trainable: true, theta: [1, -2, 0.5, 3, -1], a: [1, 2, 0.5, 1.5, 1], b: [0, 0.5, -1, 1, -2] },
  { name: 'frozen', trainable: false, theta: [0.1, 0.2, 0.3], a: [1, 1, 1], b: [2, 2, 2] },
  { name: 'second', trainable: true, theta: [-1, 2, 0, 1, -3, 0.25], a: [0.5, 1, 2, 1, 0.75, 1], b: [1, 1, 1, -1, 0, 0.75] },
];

/** The training set of a quadratic is so many times the same batch. */
export const TRAINING_BATCHES = 4;

/** L = 1/2 sum a_i (theta_i - b_i)^2 over the engine's own parameters, in float64, with what a step did counted. */
export class Quadratic {
  readonly parameters = new Parameters();
  forwards = 0;
  backwards = 0;
  /** Scale of every point at which a loss was asked for. */
  readonly scales: number[] = [];
  readonly #bowls: ReadonlyMap<string, Bowl>;
  readonly #scratch: Pointer;

  constructor(bowls: readonly Bowl[]) {
    this.#bowls = new Map(bowls.map((bowl) => [bowl.name, bowl]));
    const added = bowls.map(({ name, theta, trainable, stage, shape = [theta.length] }) =>
      this.parameters.add(name, shape, trainable, stage),
    );
    this.#scratch = this.parameters.heap.allocate(Math.max(0, ...added.map(({ count }) => count)));
    for (const parameter of added) this.parameters.values(parameter).set(this.#bowl(parameter).theta);
  }

  /** What the harness would give an optimizer in that step of a run. */
  context(runSeed: number, step: number, settings: Pick<Hyperparameters, 'learningRate' | 'epsilon'> & Partial<StepContext>): StepContext {
    return {
      weightDecay: 0,
      steps: 1000,
      ...settings,
      parameters: this.parameters,
      step,
      seed: (...path) => deriveSeed(runSeed, step, ...path),
      losses: (...points) => {
        this.forwards += points.length;
        this.scales.push(...points.map(({ scale }) => scale));
        return Promise.resolve(points.map(({ direction, scale }) => this.loss(direction, scale)));
      },
      trainingLosses: (...points) => {
        this.forwards += TRAINING_BATCHES * points.length;
        return Promise.resolve(points.map(({ direction, scale }) => this.loss(direction, scale)));
      },
      directionalDerivative: (direction) => {
        this.forwards += 1;
        return Promise.resolve({ loss: this.loss(), derivative: this.#slope(direction) });
      },
      gradient: (into) => {
        this.forwards += 1;
        this.backwards += 1;
        this.#writeGradient(into);
        return Promise.resolve(this.loss());
      },
      // No parameter of it is a linear layer's.
      activationNorms: () => {
        this.forwards += 1;
        return Promise.resolve(new Map());
      },
    };
  }

  /** L at theta, or at theta + scale z. */
  loss(direction?: Direction, scale = 0): number {
    return this.parameters.all.reduce((sum, parameter) => {
      const { a, b } = this.#bowl(parameter);
      const z = direction !== undefined && parameter.trainable ? this.#direction(parameter, direction) : [];
      const values = this.parameters.values(parameter);
      return sum + values.reduce((part, theta, i) => part + 0.5 * (a[i] ?? NaN) * (theta + scale * (z[i] ?? 0) - (b[i] ?? NaN)) ** 2, 0);
    }, 0);
  }

  /** Every trainable number, in the order of the parameters. */
  theta(): number[] {
    return this.parameters.trainable.flatMap((parameter) => [...this.parameters.values(parameter)]);
  }

  /** The exact gradient at theta, in the same order. */
  gradient(): number[] {
    return this.parameters.trainable.flatMap((parameter) => this.#gradientOf(parameter));
  }

  #gradientOf(parameter: Parameter): number[] {
    const { a, b } = this.#bowl(parameter);
    return Array.from(this.parameters.values(parameter), (theta, i) => (a[i] ?? NaN) * (theta - (b[i] ?? NaN)));
  }

  #slope(direction: Direction): number {
    const z = this.parameters.trainable.flatMap((parameter) => [...this.#direction(parameter, direction)]);
    return this.gradient().reduce((sum, g, i) => sum + g * (z[i] ?? NaN), 0);
  }

  #writeGradient(into: Buffers): void {
    for (const parameter of this.parameters.trainable.filter(({ name }) => into.has(name))) {
      const buffer = this.parameters.heap.floats(this.parameters.buffer(into, parameter), parameter.count);
      buffer.set(this.#gradientOf(parameter));
    }
  }

  /** A copy of z. */
  #direction(parameter: Parameter, direction: Direction): Float32Array {
    this.parameters.writeDirection(parameter, 0, parameter.count, direction, this.#scratch);
    return this.parameters.heap.floats(this.#scratch, parameter.count).slice();
  }

  #bowl({ name }: Parameter): Bowl {
    const bowl = this.#bowls.get(name);
    if (!bowl) throw new Error(`no bowl ${name}`);
    return bowl;
  }
}
