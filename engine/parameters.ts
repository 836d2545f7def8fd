import { Heap, type Pointer } from './heap.js';
import { noiseKey, type Seed } from './noise.js';
import { floats, type Tensor } from './session.js';

export interface Parameter {
  readonly name: string;
  readonly shape: readonly number[];
  readonly count: number;
  readonly trainable: boolean;
  readonly pointer: Pointer;
}

/** One array per trainable parameter: a gradient, a momentum. */
export type Buffers = ReadonlyMap<string, Pointer>;

/** A direction z: drawn from a seed and never stored, or given as arrays. */
export type Direction = Seed | Buffers;

export interface AdamOptions {
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
}

/** A model's parameters theta in one heap, with the kernels that optimizers move them by. */
export class Parameters {
  readonly heap = new Heap();
  readonly #byName = new Map<string, Parameter>();

  /** Adds a parameter, all zero. */
  add(name: string, shape: readonly number[], trainable: boolean): Parameter {
    if (this.#byName.has(name)) throw new Error(`parameter ${name} exists already`);
    const count = shape.reduce((a, b) => a * b, 1);
    const parameter = { name, shape, count, trainable, pointer: this.heap.allocate(count) };
    this.#byName.set(name, parameter);
    return parameter;
  }

  get(name: string): Parameter {
    const parameter = this.#byName.get(name);
    if (!parameter) throw new Error(`no parameter ${name}`);
    return parameter;
  }

  get all(): readonly Parameter[] {
    return [...this.#byName.values()];
  }

  get trainable(): readonly Parameter[] {
    return this.all.filter((parameter) => parameter.trainable);
  }

  /** A view on the parameter's values, good until the heap next grows. */
  values(parameter: Parameter): Float32Array {
    return this.heap.floats(parameter.pointer, parameter.count);
  }

  tensor(parameter: Parameter): Tensor {
    return floats(parameter.shape, this.values(parameter));
  }

  /** theta <- theta + scale z */
  move(direction: Direction, scale: number): void {
    for (const parameter of this.trainable) {
      this.addDirection(parameter, 0, parameter.count, direction, scale, parameter.pointer);
    }
  }

  /** Writes theta + scale z, for `count` elements of a parameter from `first` on, to `out`. */
  addDirection(parameter: Parameter, first: number, count: number, direction: Direction, scale: number, out: Pointer): void {
    const { kernels } = this.heap;
    const theta = parameter.pointer + 4 * first;
    if (typeof direction === 'number') {
      const { k0, k1 } = noiseKey(direction, parameter.name);
      kernels.addNoise(theta, out, count, first, scale, k0, k1);
    } else {
      kernels.addScaled(theta, this.buffer(direction, parameter) + 4 * first, out, count, scale);
    }
  }

  /** Writes z, for `count` elements of a parameter from `first` on, to `out`. */
  writeDirection(parameter: Parameter, first: number, count: number, direction: Direction, out: Pointer): void {
    if (typeof direction === 'number') {
      const { k0, k1 } = noiseKey(direction, parameter.name);
      this.heap.kernels.normal(out, count, first, k0, k1);
    } else {
      this.heap.floats(out, count).set(this.heap.floats(this.buffer(direction, parameter) + 4 * first, count));
    }
  }

  /** Zeroed arrays of the trainable parameters' sizes. */
  allocateBuffers(): Buffers {
    return new Map(this.trainable.map(({ name, count }) => [name, this.heap.allocate(count)]));
  }

  buffer(buffers: Buffers, parameter: Parameter): Pointer {
    const pointer = buffers.get(parameter.name);
    if (pointer === undefined) throw new Error(`no buffer for parameter ${parameter.name}`);
    return pointer;
  }

  /** Update number `t` >= 1 of Adam (Kingma and Ba 2015, algorithm 1) with gradient g and moments m, v. */
  adam(g: Buffers, m: Buffers, v: Buffers, t: number, { learningRate, epsilon, ...decay }: AdamOptions): void {
    // As the kernel sees them: 1 - beta2 is off by 1e-5 otherwise, and the correction would not undo it.
    const [beta1, beta2] = [Math.fround(decay.beta1), Math.fround(decay.beta2)];
    const rate = learningRate / (1 - beta1 ** t);
    const correction2 = 1 - beta2 ** t;
    for (const parameter of this.trainable) {
      const [gradient, first, second] = [g, m, v].map((buffers) => this.buffer(buffers, parameter)) as [Pointer, Pointer, Pointer];
      this.heap.kernels.adam(parameter.pointer, gradient, first, second, parameter.count, rate, beta1, beta2, epsilon, correction2);
    }
  }
}
