import { operators, Parameters, program, RecyclingHeap, type Buffers, type Seed } from '../../engine/index.js';
import type { Optimizer, StepContext } from '../../optimizers/index.js';
import type { Passes, ProbeSettings, EstimatorSubject } from './subject.js';

const { divide, subtract } = operators;

/** start <- theta */
const keep = program({ arrays: ['theta', 'start'] }, ({ theta }) => ({ start: theta }));
/** theta <- start */
const restore = program({ arrays: ['theta', 'start'] }, ({ start }) => ({ theta: start }));
/** (theta before the step - theta) / eta */
const displacement = program({ arrays: ['theta', 'start', 'into'], scalars: ['rate'] }, ({ theta, start }, { rate }) => ({
  into: divide(subtract(start, theta), rate),
}));
const difference = program({ arrays: ['a', 'b'] }, ({ a, b }) => ({ a: subtract(a, b) }));

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
    subject.parameters.update(keep.on({ start: this.#start }));
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
      parameters.update(displacement.on({ start: this.#start, into }, { rate: settings.learningRate }));
    } finally {
      parameters.update(restore.on({ start: this.#start }));
    }
    const after = this.subject.passes();
    return { forwards: after.forwards - before.forwards, backwards: after.backwards - before.backwards };
  }

  /** |a - b|; `a` is overwritten. */
  distance(a: Buffers, b: Buffers): number {
    const { parameters } = this.subject;
    parameters.update(difference.on({ a, b }));
    return parameters.norm(a);
  }
}
