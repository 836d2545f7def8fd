import { Parameters, RecyclingHeap, type Buffers, type Kernels, type Parameter, type Seed } from '../../engine/index.js';
import type { Optimizer, StepContext } from '../../optimizers/index.js';
import type { Passes, ProbeSettings, EstimatorSubject } from './subject.js';

/** Shows a step other losses than the subject's. */
export type View = (context: StepContext) => StepContext;

const asItIs: View = (context) => context;

/** Takes single steps from one theta, each by an optimizer in its fresh state, and reads the direction off theta's displacement. */
export class StepMeter {
  readonly #start: Buffers;
  /** Optimizers' states: a heap never frees, and every sample starts from a fresh state. */
  readonly #states: RecyclingHeap;
  /** The subject's parameters, as optimizers see them: what they allocate is theirs for one sample. */
  readonly #recycling: Parameters;

  constructor(readonly subject: EstimatorSubject) {
    this.#start = subject.parameters.allocateBuffers();
    this.#states = new RecyclingHeap(subject.parameters.heap);
    this.#recycling = new Parameters(this.#states, subject.parameters);
    this.#each((parameter, start, kernels) => kernels.copy(start, parameter.pointer, parameter.count));
  }

  /** Norm of theta. */
  get norm(): number {
    return this.subject.parameters.norm(this.#start);
  }

  /** Writes g_hat = (theta - theta') / eta of one step to `into`, and puts theta back. */
  async direction(optimizer: Optimizer, seed: Seed, settings: ProbeSettings, into: Buffers, view: View = asItIs): Promise<Passes> {
    const { parameters } = this.subject;
    const before = this.subject.passes();
    try {
      this.#states.freeAll();
      const context = { ...view(this.subject.context(seed, settings)), parameters: this.#recycling };
      await optimizer.step(context, optimizer.init(this.#recycling));
      this.#each((parameter, start, kernels) => {
        const out = parameters.buffer(into, parameter);
        kernels.addScaled(start, parameter.pointer, out, parameter.count, -1);
        kernels.blend(out, out, out, parameter.count, 1 / settings.learningRate, 0);
      });
    } finally {
      this.#each((parameter, start, kernels) => kernels.copy(parameter.pointer, start, parameter.count));
    }
    const after = this.subject.passes();
    return { forwards: after.forwards - before.forwards, backwards: after.backwards - before.backwards };
  }

  /** |a - b|; `a` is overwritten. */
  distance(a: Buffers, b: Buffers): number {
    const { parameters } = this.subject;
    for (const parameter of parameters.trainable) {
      const [left, right] = [parameters.buffer(a, parameter), parameters.buffer(b, parameter)];
      parameters.heap.kernels.addScaled(left, right, left, parameter.count, -1);
    }
    return parameters.norm(a);
  }

  #each(apply: (parameter: Parameter, start: number, kernels: Kernels) => void): void {
    const { parameters } = this.subject;
    for (const parameter of parameters.trainable) apply(parameter, parameters.buffer(this.#start, parameter), parameters.heap.kernels);
  }
}
