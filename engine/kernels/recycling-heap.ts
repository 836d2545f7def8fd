import type { Heap } from './heap.js';
import type { Pointer } from './pointer.js';
import type { Kernels } from './table.js';

type Way = 'allocate' | 'allocateArray';

interface Allocation {
  readonly pointer: Pointer;
  readonly way: Way;
  readonly count: number;
  isFree: boolean;
}

/**
 * A heap inside another one, whose memory can be given out again: what is allocated after {@link freeAll} is memory of the same size that
 * was allocated before, zeroed.
 */
export class RecyclingHeap implements Heap {
  readonly #allocations: Allocation[] = [];

  constructor(readonly inner: Heap) {}

  get kernels(): Kernels {
    return this.inner.kernels;
  }

  freeAll(): void {
    for (const allocation of this.#allocations) allocation.isFree = true;
  }

  allocate(count: number): Pointer {
    return this.#take('allocate', count);
  }

  allocateArray(count: number): Pointer {
    return this.#take('allocateArray', count);
  }

  floats(pointer: Pointer, count: number): Float32Array {
    return this.inner.floats(pointer, count);
  }

  createEmpty(): Heap {
    return this.inner.createEmpty();
  }

  #take(way: Way, count: number): Pointer {
    const free = this.#allocations.find((allocation) => allocation.isFree && allocation.count === count && allocation.way === way);
    if (free) {
      free.isFree = false;
      this.kernels.fill(free.pointer, count, 0);
      return free.pointer;
    }
    const pointer = this.inner[way](count);
    this.#allocations.push({ pointer, way, count, isFree: false });
    return pointer;
  }
}
