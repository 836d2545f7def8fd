import { UsageError } from '../errors.js';
import type { Heap } from '../kernels/heap.js';
import { noiseKey } from '../kernels/noise.js';
import { CHUNK, type Pointer } from '../kernels/pointer.js';
import { WasmHeap } from '../kernels/wasm-heap.js';
import { floats, type Tensor } from '../sessions/session.js';
import { BufferPool } from './buffer-pool.js';
import { isBuffers, movesParameter, type Buffers, type Direction, type DirectionWriter, type Point } from './direction.js';
import { simplified } from './generated.js';
import type { Parameter, ParameterSource } from './parameter.js';

/** A part of a parameter, with the same part of a direction g; neither `g` nor what lies around may be written. */
export interface UpdateChunk {
  readonly parameter: Parameter;
  readonly first: number;
  readonly count: number;
  readonly theta: Pointer;
  readonly g: Pointer;
}

const elementCount = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** A model's parameters theta in one heap, with the operations that optimizers move them by. */
export class Parameters implements DirectionWriter {
  readonly #byName: Map<string, Parameter>;
  readonly #buffers: BufferPool;

  /** @param shared - parameters that these are the same as, which only allocate from another heap or are another subclass */
  constructor(
    readonly heap: Heap = new WasmHeap(),
    shared?: Parameters,
  ) {
    this.#byName = shared ? shared.#byName : new Map<string, Parameter>();
    this.#buffers = shared ? shared.#buffers : new BufferPool(heap);
  }

  /** Adds a parameter, all zero. */
  add(name: string, shape: readonly number[], trainable: boolean, stage = '', local = name): Parameter {
    const count = elementCount(shape);
    return this.#register({ name, shape, count, trainable, pointer: this.heap.allocateArray(count), stage, local });
  }

  /** Adds a frozen parameter that is not kept in memory. */
  addStreamed(name: string, shape: readonly number[], source: ParameterSource, stage = '', local = name): Parameter {
    return this.#register({
      name,
      shape,
      count: elementCount(shape),
      trainable: false,
      stage,
      local,
      source,
      get pointer(): Pointer {
        throw new Error(`parameter ${name} is streamed: it is not in memory`);
      },
    });
  }

  #register(parameter: Parameter): Parameter {
    if (this.#byName.has(parameter.name)) throw new Error(`parameter ${parameter.name} exists already`);
    this.#byName.set(parameter.name, parameter);
    return parameter;
  }

  /** @throws UsageError naming what cannot be done where parameters are streamed. */
  needAllInMemory(purpose: string): void {
    const streamed = this.all.find(({ source }) => source);
    if (!streamed) return;
    throw new UsageError(
      `${purpose} needs all weights in memory, but ${streamed.name} is streamed from disk (--stream never, where it fits)`,
    );
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

  /** Whether points along the direction differ in this parameter. */
  isMoved(parameter: Parameter, direction: Direction): boolean {
    return parameter.trainable && movesParameter(direction, parameter);
  }

  /** theta <- theta + scale z */
  move(direction: Direction, scale: number): void {
    for (const parameter of this.trainable) {
      if (movesParameter(direction, parameter)) this.addDirection(parameter, 0, parameter.count, direction, scale, parameter.pointer);
    }
  }

  /** Writes theta + scale z, for `count` elements of a parameter from `first` on, to `out`. */
  addDirection(parameter: Parameter, first: number, count: number, direction: Direction, scale: number, out: Pointer): void {
    this.#add(parameter.pointer + 4 * first, parameter, first, count, { direction, scale }, out);
  }

  /** out <- out + scale z, for `count` elements of a parameter from `first` on; nothing where the direction does not move it. */
  accumulate(parameter: Parameter, first: number, count: number, direction: Direction, scale: number, out: Pointer): void {
    if (movesParameter(direction, parameter)) this.#add(out, parameter, first, count, { direction, scale }, out);
  }

  /** out = to + scale z */
  #add(to: Pointer, parameter: Parameter, first: number, count: number, point: Point, out: Pointer): void {
    const { kernels } = this.heap;
    const { direction, scale } = simplified(point, parameter);
    if (typeof direction === 'number') {
      const { k0, k1 } = noiseKey(direction, parameter.name);
      kernels.addNoise(to, out, count, first, scale, k0, k1);
    } else if (isBuffers(direction)) {
      kernels.addScaled(to, this.buffer(direction, parameter) + 4 * first, out, count, scale);
    } else {
      this.#inChunks(parameter, first, count, direction, (z, offset, n) => {
        kernels.addScaled(to + offset, z, out + offset, n, scale);
      });
    }
  }

  /** Hands z, for `count` elements of a parameter from `first` on, to `use` in chunks; `offset` is a chunk's place in bytes. */
  #inChunks(
    parameter: Parameter,
    first: number,
    count: number,
    direction: Direction,
    use: (z: Pointer, offset: number, count: number) => void,
  ): void {
    this.withBuffer((buffer) => {
      for (let done = 0; done < count; done += CHUNK) {
        const n = Math.min(CHUNK, count - done);
        this.writeDirection(parameter, first + done, n, direction, buffer);
        use(buffer, 4 * done, n);
      }
    });
  }

  /** Writes theta + scale z for several scales, z being made once. */
  addDirections(
    parameter: Parameter,
    first: number,
    count: number,
    direction: Direction,
    outs: readonly { readonly scale: number; readonly out: Pointer }[],
  ): void {
    const { kernels } = this.heap;
    const theta = parameter.pointer + 4 * first;
    const [plus, minus, ...others] = outs;
    if (!plus) return;
    if (!minus) {
      this.addDirection(parameter, first, count, direction, plus.scale, plus.out);
      return;
    }
    const mirrored = plus.scale === -minus.scale && others.length === 0;
    if (mirrored && typeof direction === 'number') {
      const { k0, k1 } = noiseKey(direction, parameter.name);
      kernels.perturb(theta, plus.out, minus.out, count, first, plus.scale, k0, k1);
      return;
    }
    this.#inChunks(parameter, first, count, direction, (z, offset, n) => {
      if (mirrored) kernels.mirror(theta + offset, z, plus.out + offset, minus.out + offset, n, plus.scale);
      else for (const { scale, out } of outs) kernels.addScaled(theta + offset, z, out + offset, n, scale);
    });
  }

  /** Writes z, for `count` elements of a parameter from `first` on, to `out`: zeros where the direction does not move it. */
  writeDirection(parameter: Parameter, first: number, count: number, direction: Direction, out: Pointer): void {
    const { kernels } = this.heap;
    if (typeof direction === 'number') {
      const { k0, k1 } = noiseKey(direction, parameter.name);
      kernels.normal(out, count, first, k0, k1);
    } else if (!movesParameter(direction, parameter)) {
      kernels.fill(out, count, 0);
    } else if (isBuffers(direction)) {
      kernels.copy(out, this.buffer(direction, parameter) + 4 * first, count);
    } else {
      for (let done = 0; done < count; done += CHUNK) {
        const run = { parameters: this, parameter, first: first + done, count: Math.min(CHUNK, count - done) };
        direction.write(run, out + 4 * done);
      }
    }
  }

  /**
   * Goes through all trainable parameters in chunks: hands `apply` each chunk of theta with the same chunk of the direction g (0 where g
   * does not move it) and of every state array.
   */
  update<Name extends string>(
    g: Direction,
    state: Readonly<Record<Name, Buffers>>,
    apply: (chunk: UpdateChunk & Readonly<Record<Name, Pointer>>) => void,
  ): void {
    const names = Object.keys(state) as Name[];
    for (const parameter of this.trainable) {
      const arrays = names.map((name) => this.buffer(state[name], parameter));
      this.#inChunks(parameter, 0, parameter.count, g, (buffer, offset, count) => {
        const parts = Object.fromEntries(names.map((name, k) => [name, (arrays[k] ?? NaN) + offset])) as Record<Name, Pointer>;
        apply({ ...parts, parameter, first: offset / 4, count, theta: parameter.pointer + offset, g: buffer });
      });
    }
  }

  /** Writes a direction to arrays. */
  materialise(direction: Direction, into: Buffers): void {
    for (const parameter of this.trainable) {
      this.writeDirection(parameter, 0, parameter.count, direction, this.buffer(into, parameter));
    }
  }

  /** The inner product of two directions over the trainable parameters. */
  dot(a: Direction, b: Direction): number {
    let sum = 0;
    this.update(a, {}, ({ parameter, first, count, g }) => {
      this.withBuffer((buffer) => {
        this.writeDirection(parameter, first, count, b, buffer);
        sum += this.heap.kernels.dot(g, buffer, count);
      });
    });
    return sum;
  }

  /** The Euclidean length of a direction over the trainable parameters; it is made once. */
  norm(direction: Direction): number {
    const { kernels } = this.heap;
    let sum = 0;
    if (typeof direction === 'number') {
      for (const { name, count } of this.trainable) {
        const { k0, k1 } = noiseKey(direction, name);
        sum += kernels.noiseSquares(count, k0, k1);
      }
      return Math.sqrt(sum);
    }
    this.update(direction, {}, ({ g, count }) => {
      sum += kernels.dot(g, g, count);
    });
    return Math.sqrt(sum);
  }

  /** Hands a buffer of one chunk to `use`, for as long as it runs; calls nest. */
  withBuffer(use: (buffer: Pointer) => void): void {
    this.#buffers.use(use);
  }

  /** Zeroed arrays of the sizes of the trainable parameters, or of some of them. */
  allocateBuffers(of: (parameter: Parameter) => boolean = () => true): Buffers {
    return new Map(this.trainable.filter(of).map(({ name, count }) => [name, this.heap.allocateArray(count)]));
  }

  buffer(buffers: Buffers, parameter: Parameter): Pointer {
    const pointer = buffers.get(parameter.name);
    if (pointer === undefined) throw new Error(`no buffer for parameter ${parameter.name}`);
    return pointer;
  }
}
