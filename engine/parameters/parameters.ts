import { UsageError } from '../errors.js';
import type { Heap } from '../kernels/heap.js';
import { noiseKey } from '../kernels/noise.js';
import { CHUNK, type Pointer } from '../kernels/pointer.js';
import { WasmHeap } from '../kernels/wasm-heap.js';
import { multiply, square, sum } from '../graph/operators.js';
import { program, type Application } from '../programs/program.js';
import { floats, type Tensor } from '../sessions/session.js';
import { BufferPool } from './buffer-pool.js';
import { isBuffers, movesParameter, type Buffers, type Direction, type DirectionWriter, type Point } from './direction.js';
import { simplified } from './generated.js';
import type { Parameter, ParameterSource } from './parameter.js';
import { updateInChunks, type Binding } from './update.js';

const innerProduct = program({ arrays: ['x', 'y'] }, ({ x, y }) => ({ sum: sum(multiply(x, y)) }));
const innerSquare = program({ arrays: ['x'] }, ({ x }) => ({ sum: sum(square(x)) }));

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
    this.withBuffers(1, ([buffer = NaN]) => {
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
   * Runs programs on the trainable parameters, one after another on each chunk: those parameters that have all arrays which are replaced.
   * A direction is 0 where it does not move a parameter.
   * @returns the programs' sums over all elements
   */
  update<Sum extends string = never>(...applications: readonly Application<Binding, Sum>[]): Readonly<Record<Sum, number>> {
    return updateInChunks(this, this.trainable, applications);
  }

  /** Writes a direction to arrays. */
  materialise(direction: Direction, into: Buffers): void {
    for (const parameter of this.trainable) {
      this.writeDirection(parameter, 0, parameter.count, direction, this.buffer(into, parameter));
    }
  }

  /** The inner product of two directions over the trainable parameters. */
  dot(a: Direction, b: Direction): number {
    return this.update(innerProduct.on({ x: a, y: b })).sum;
  }

  /** The Euclidean length of a direction over the trainable parameters; it is made once. */
  norm(direction: Direction): number {
    if (typeof direction !== 'number') return Math.sqrt(this.update(innerSquare.on({ x: direction })).sum);
    const squares = this.trainable.map(({ name, count }) => {
      const { k0, k1 } = noiseKey(direction, name);
      return this.heap.kernels.noiseSquares(count, k0, k1);
    });
    return Math.sqrt(squares.reduce((sum, square) => sum + square, 0));
  }

  /** Hands so many buffers of one chunk to `use`, for as long as it runs; calls nest. */
  withBuffers(count: number, use: (buffers: readonly Pointer[]) => void): void {
    this.#buffers.use(count, use);
  }

  /** Zeroed arrays of the sizes of the trainable parameters, or of some of them. */
  allocateBuffers(of: (parameter: Parameter) => boolean = () => true): Buffers {
    return new Map(this.trainable.filter(of).map(({ name, count }) => [name, this.heap.allocateArray(count)]));
  }

  /** The square of the norm of a parameter. */
  square({ pointer, count }: Parameter): number {
    return this.heap.kernels.dot(pointer, pointer, count);
  }

  buffer(buffers: Buffers, parameter: Parameter): Pointer {
    const pointer = buffers.get(parameter.name);
    if (pointer === undefined) throw new Error(`no buffer for parameter ${parameter.name}`);
    return pointer;
  }
}
