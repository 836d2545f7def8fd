import { bytesText, GIB } from '../quantities.js';
import type { Heap } from './heap.js';
import { Memory, PAGE } from './memory.js';
import type { Pointer } from './pointer.js';
import { kernelsOver, MEMORY_SPAN } from './several-memories.js';
import type { Kernels } from './table.js';

/** How large a heap's memories are, in bytes. */
export interface HeapSizes {
  /** Of one memory; no more can be asked for at once. */
  readonly memory: number;
  /** Of the first one, what parameters and arrays of their sizes may take: the rest is for what kernels look at anywhere. */
  readonly stored: number;
}

/** What WebAssembly can address. */
const SIZES: HeapSizes = { memory: 2 ** 32, stored: 3 * GIB };

/** The most that one array may take, in bytes. */
export const LARGEST_ARRAY_BYTES = SIZES.memory - PAGE;

/**
 * A heap in WebAssembly's memories. One holds 4 GiB: a heap takes as many as it needs, and a pointer's whole multiples of 2^32 tell which
 * one it is into.
 */
export class WasmHeap implements Heap {
  readonly #first: Memory;
  readonly #further: Memory[] = [];
  #kernels: Kernels;

  constructor(readonly sizes = SIZES) {
    this.#first = new Memory(sizes.memory);
    this.#kernels = this.#first.kernels;
  }

  /** Those of the one memory there is, or over all of them. */
  get kernels(): Kernels {
    return this.#kernels;
  }

  allocate(count: number): Pointer {
    const end = this.#first.endOf(count);
    if (end > this.sizes.memory)
      throw new RangeError(`one memory holds at most ${bytesText(this.sizes.memory)}, this run needs ${end} bytes in it`);
    return this.#first.allocate(count);
  }

  /** In any of the memories. */
  allocateArray(count: number): Pointer {
    if (4 * count > this.sizes.memory - PAGE) {
      throw new RangeError(`an array of ${4 * count} bytes is more than a memory's ${bytesText(this.sizes.memory)}`);
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
        kernelsOf: (index) => this.#at(index).kernels,
        floats: (pointer, count) => this.floats(pointer, count),
        allocate: (count) => this.allocate(count),
      });
    }
    return memory;
  }

  #at(index: number): Memory {
    return this.#further[index - 1] ?? this.#first;
  }

  createEmpty(): WasmHeap {
    return new WasmHeap(this.sizes);
  }

  floats(pointer: Pointer, count: number): Float32Array {
    const index = Math.floor(pointer / MEMORY_SPAN);
    return this.#at(index).floats(pointer - index * MEMORY_SPAN, count);
  }
}
