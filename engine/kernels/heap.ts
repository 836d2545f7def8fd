import { readFileSync } from 'node:fs';
import { OutOfMemoryError } from '../errors.js';
import type { Pointer } from './pointer.js';
import { kernelsOver, MEMORY_SPAN, type KernelTable } from './several-memories.js';

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
const ALIGNMENT = 64;

const compiled = new WebAssembly.Module(readFileSync(new URL('./kernels.wasm', import.meta.url)));

/** How large a heap's memories are, in bytes. */
export interface HeapSizes {
  /** Of one memory; no more can be asked for at once. */
  readonly memory: number;
  /** Of the first one, what parameters and arrays of their sizes may take: the rest is for what kernels look at anywhere. */
  readonly stored: number;
}

/** What WebAssembly can address. */
const SIZES: HeapSizes = { memory: 2 ** 32, stored: 3 * 2 ** 30 };

/** The most that one array may take, in bytes. */
export const LARGEST_ARRAY_BYTES = SIZES.memory - PAGE;

/** One of WebAssembly's memories, with the kernels on it. */
class Memory {
  readonly kernels: Kernels;
  readonly #memory: WebAssembly.Memory;
  #top = PAGE; // the first page holds the kernels' own tables

  constructor(readonly bytes: number) {
    this.#memory = new WebAssembly.Memory({ initial: 1, maximum: bytes / PAGE });
    this.kernels = new WebAssembly.Instance(compiled, { env: { memory: this.#memory } }).exports as Kernels;
  }

  /** Where an array that is allocated next ends. */
  endOf(count: number): number {
    return Math.ceil((this.#top + 4 * count) / ALIGNMENT) * ALIGNMENT;
  }

  allocate(count: number): Pointer {
    const pointer = this.#top;
    this.#top = this.endOf(count);
    const pages = this.#memory.buffer.byteLength / PAGE;
    const missing = Math.ceil(this.#top / PAGE) - pages;
    if (missing > 0) this.#grow(missing, Math.min(Math.ceil(pages / 2), this.bytes / PAGE - pages));
    return pointer;
  }

  /** By `wanted` pages, for each time costs some tenths of a millisecond; where there is no memory for them, by those that are missing. */
  #grow(missing: number, wanted: number): void {
    try {
      this.#memory.grow(Math.max(missing, wanted));
    } catch (cause) {
      if (wanted > missing) {
        this.#grow(missing, missing);
        return;
      }
      const [more, held] = [missing * PAGE, this.#memory.buffer.byteLength].map((bytes) => Math.ceil(bytes / 2 ** 20));
      throw new OutOfMemoryError(`no memory for ${more} MiB more than the ${held} MiB of this heap`, { cause });
    }
  }

  floats(pointer: Pointer, count: number): Float32Array {
    return new Float32Array(this.#memory.buffer, pointer, count);
  }
}

/**
 * Memory that both the kernels and the sessions see: parameters, optimizer state and scratch live here. A WebAssembly memory holds 4 GiB:
 * a heap takes as many as it needs, and a pointer's whole multiples of 2^32 say which one it is into. Nothing is freed; what is needed is
 * known when a run starts.
 */
export class Heap {
  readonly #first: Memory;
  readonly #further: Memory[] = [];
  #kernels: Kernels;

  constructor(readonly sizes = SIZES) {
    this.#first = new Memory(sizes.memory);
    this.#kernels = this.#first.kernels;
  }

  /** Those of the one memory there is, or over all of them: ask anew after {@link allocateArray}. */
  get kernels(): Kernels {
    return this.#kernels;
  }

  /**
   * Room for `count` float32 elements, all zero, for kernels that look at them anywhere. Arrays from {@link floats} made earlier become
   * unusable: make them anew.
   * @throws RangeError where the first memory is full
   */
  allocate(count: number): Pointer {
    return this.#allocateFirst(count);
  }

  /** For the heap's own use too, whatever stands in for {@link allocate}: what the kernels go through must never be given out again. */
  #allocateFirst(count: number): Pointer {
    const end = this.#first.endOf(count);
    if (end > this.sizes.memory)
      throw new RangeError(`one memory holds at most ${gibibytes(this.sizes.memory)}, this run needs ${end} bytes in it`);
    return this.#first.allocate(count);
  }

  /**
   * The same for what kernels go through element by element, in any of the memories: parameters, and arrays of their sizes.
   * @throws RangeError where it is more than one memory's room
   */
  allocateArray(count: number): Pointer {
    if (4 * count > this.sizes.memory - PAGE) {
      throw new RangeError(`an array of ${4 * count} bytes is more than a memory's ${gibibytes(this.sizes.memory)}`);
    }
    if (this.#further.length === 0 && this.#first.endOf(count) <= this.sizes.stored) return this.#first.allocate(count);
    const last = this.#further.at(-1);
    const memory = last && last.endOf(count) <= this.sizes.memory ? last : this.#add();
    return this.#further.length * MEMORY_SPAN + memory.allocate(count);
  }

  #add(): Memory {
    const memory = new Memory(this.sizes.memory);
    this.#further.push(memory);
    if (this.#further.length === 1) {
      this.#kernels = kernelsOver({
        kernelsOf: (index) => this.#at(index).kernels as unknown as KernelTable,
        floats: (pointer, count) => this.floats(pointer, count),
        allocate: (count) => this.#allocateFirst(count),
      });
    }
    return memory;
  }

  #at(index: number): Memory {
    return this.#further[index - 1] ?? this.#first;
  }

  /** An empty heap for what must not move this one. */
  createEmpty(): Heap {
    return new Heap(this.sizes);
  }

  /** A view on the heap, good until the next {@link allocate} or {@link allocateArray}. */
  floats(pointer: Pointer, count: number): Float32Array {
    const index = Math.floor(pointer / MEMORY_SPAN);
    return this.#at(index).floats(pointer - index * MEMORY_SPAN, count);
  }
}

const gibibytes = (bytes: number): string => `${bytes / 2 ** 30} GiB`;
