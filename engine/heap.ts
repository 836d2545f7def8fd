import { readFileSync } from 'node:fs';

/** Byte offset of a float32 array in a heap. */
export type Pointer = number;

/** The loops of `kernels/index.ts`; counts are float32 elements, `first` is the first element's index in its parameter. `out` may be an input. */
export interface Kernels {
  /** out = z */
  normal(out: Pointer, count: number, first: number, k0: number, k1: number): void;
  /** plus = theta + scale z, minus = theta - scale z */
  perturb(theta: Pointer, plus: Pointer, minus: Pointer, count: number, first: number, scale: number, k0: number, k1: number): void;
  /** plus = y + scale x, minus = y - scale x */
  mirror(y: Pointer, x: Pointer, plus: Pointer, minus: Pointer, count: number, scale: number): void;
  /** out = theta + scale z */
  addNoise(theta: Pointer, out: Pointer, count: number, first: number, scale: number, k0: number, k1: number): void;
  /** out = y + scale x */
  addScaled(y: Pointer, x: Pointer, out: Pointer, count: number, scale: number): void;
  /** The sum of z^2 over elements 0 to `count` - 1, in double precision */
  noiseSquares(count: number, k0: number, k1: number): number;
  /** out = 1 where the element's random word is below 2^31, else -1 (see {@link uniformWord}) */
  rademacher(out: Pointer, count: number, first: number, k0: number, k1: number): void;
  /** z = 0 where the element's random word is not below `threshold` (see {@link uniformWord}) */
  keepRandom(z: Pointer, count: number, first: number, threshold: number, k0: number, k1: number): void;
  /** z = 0 where |theta| is above `threshold` */
  keepSmall(z: Pointer, theta: Pointer, count: number, threshold: number): void;
  /** z = 0 where the element's bit is not set: bit i & 31 of word i >> 5 for element i */
  keepMarked(z: Pointer, count: number, first: number, marks: Pointer): void;
  /** Counts the elements by the digit of eight bits at `shift` of |x|'s bits, of those whose bits above it are `prefix`: 256 uint32 */
  tally(counts: Pointer, x: Pointer, count: number, prefix: number, shift: number): void;
  /** How many |x| have bits, as an integer, above `threshold` */
  countAbove(x: Pointer, count: number, threshold: number): number;
  /** The bits of the |x| of that rank, from 1 on, the largest first */
  ranked(x: Pointer, count: number, rank: number): number;
  /** Marks, for {@link keepMarked}, the |x| whose bits are above `threshold` and the first `ties` that have just these; gives the ties left */
  mark(marks: Pointer, first: number, x: Pointer, count: number, threshold: number, ties: number): number;
  /** out = elements `first` on of U V, row by row; U is [rows, rank], V is [rank, columns] */
  lowRank(out: Pointer, count: number, first: number, columns: number, rank: number, u: Pointer, v: Pointer): void;
  /** out = the transpose of x [rows, columns]; `out` must not be x */
  transpose(out: Pointer, x: Pointer, rows: number, columns: number): void;
  /** out = a x + b y */
  blend(out: Pointer, x: Pointer, y: Pointer, count: number, a: number, b: number): void;
  /** out = a x + b y^2 */
  blendSquare(out: Pointer, x: Pointer, y: Pointer, count: number, a: number, b: number): void;
  /** out = x y */
  multiply(out: Pointer, x: Pointer, y: Pointer, count: number): void;
  /** out = x / sqrt(y) */
  overRoot(out: Pointer, x: Pointer, y: Pointer, count: number): void;
  /** out = -1, 0 or 1 */
  sign(out: Pointer, x: Pointer, count: number): void;
  /** theta = theta - rate m / (sqrt(v / correction) + epsilon) */
  adamStep(theta: Pointer, m: Pointer, v: Pointer, count: number, rate: number, correction: number, epsilon: number): void;
  /** The sum of x y, in double precision */
  dot(x: Pointer, y: Pointer, count: number): number;
  /** out = x */
  copy(out: Pointer, x: Pointer, count: number): void;
  /** out = value */
  fill(out: Pointer, count: number, value: number): void;
  /** out = the values of `count` float16 numbers, which may be the second half of `out`; NaN keeps its payload */
  widenFloat16(out: Pointer, from: Pointer, count: number): void;
  /** out = the values of `count` bfloat16 numbers, which may be the second half of `out`; NaN keeps its payload */
  widenBfloat16(out: Pointer, from: Pointer, count: number): void;
}

const PAGE = 65536;
const MAX_PAGES = 65536;
/** What one heap can hold. */
export const HEAP_BYTES = PAGE * MAX_PAGES;
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
    if (this.#top > HEAP_BYTES) throw new RangeError(`a heap holds at most 4 GiB, this run needs ${this.#top} bytes`);
    if (missing > 0) this.#memory.grow(missing);
    return pointer;
  }

  /** An empty heap for what must not move this one. */
  beside(): Heap {
    return new Heap();
  }

  /** A view on the heap, good until the next {@link allocate}. */
  floats(pointer: Pointer, count: number): Float32Array {
    return new Float32Array(this.#memory.buffer, pointer, count);
  }
}
