import { readFileSync } from 'node:fs';

/** Byte offset of a float32 array in a heap. */
export type Pointer = number;

/** The loops of `kernels/index.ts`; counts are float32 elements, `first` is the first element's index in its parameter. */
export interface Kernels {
  /** out = z */
  normal(out: Pointer, count: number, first: number, k0: number, k1: number): void;
  /** plus = theta + scale z, minus = theta - scale z */
  perturb(theta: Pointer, plus: Pointer, minus: Pointer, count: number, first: number, scale: number, k0: number, k1: number): void;
  /** out = theta + scale z */
  addNoise(theta: Pointer, out: Pointer, count: number, first: number, scale: number, k0: number, k1: number): void;
  /** out = y + scale x */
  addScaled(y: Pointer, x: Pointer, out: Pointer, count: number, scale: number): void;
  /** One Adam update; `rate` already holds the first moment's bias correction, `correction2` is 1 - beta2^t. */
  adam(
    theta: Pointer,
    gradient: Pointer,
    m: Pointer,
    v: Pointer,
    count: number,
    rate: number,
    beta1: number,
    beta2: number,
    epsilon: number,
    correction2: number,
  ): void;
}

const PAGE = 65536;
const MAX_PAGES = 65536;
const ALIGNMENT = 64;

const compiled = new WebAssembly.Module(readFileSync(new URL('./kernels.wasm', import.meta.url)));

/**
 * Memory that both the kernels and the sessions see: parameters, optimizer state and scratch live here, at most 4 GiB.
 * Nothing is freed; what is needed is known when a run starts.
 */
export class Heap {
  readonly kernels: Kernels;
  readonly #memory = new WebAssembly.Memory({ initial: 1, maximum: MAX_PAGES });
  #top = PAGE; // the first page holds the kernels' own tables

  constructor() {
    const imports = { env: { memory: this.#memory } };
    this.kernels = new WebAssembly.Instance(compiled, imports).exports as Kernels;
  }

  /** Room for `count` float32 elements, all zero. Arrays from {@link floats} made earlier become unusable: make them anew. */
  allocate(count: number): Pointer {
    const pointer = this.#top;
    this.#top = Math.ceil((pointer + 4 * count) / ALIGNMENT) * ALIGNMENT;
    const missing = Math.ceil(this.#top / PAGE) - this.#memory.buffer.byteLength / PAGE;
    if (this.#top > MAX_PAGES * PAGE) throw new RangeError(`a heap holds at most 4 GiB, this run needs ${this.#top} bytes`);
    if (missing > 0) this.#memory.grow(missing);
    return pointer;
  }

  /** A view on the heap, good until the next {@link allocate}. */
  floats(pointer: Pointer, count: number): Float32Array {
    return new Float32Array(this.#memory.buffer, pointer, count);
  }
}
