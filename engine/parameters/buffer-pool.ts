import type { Heap } from '../kernels/heap.js';
import { CHUNK, type Pointer } from '../kernels/pointer.js';

/** Buffers that nested calls of {@link BufferPool.use} share. */
const MOST_BUFFERS = 12;

/** Buffers of one chunk each, handed out for as long as a function runs. */
export class BufferPool {
  readonly #buffers: readonly Pointer[];
  #inUse = 0;

  constructor(heap: Heap) {
    // Made now: the heap must not grow while a session holds views on it.
    this.#buffers = Array.from({ length: MOST_BUFFERS }, () => heap.allocate(CHUNK));
  }

  /** Hands `count` buffers to `run`. */
  use(count: number, run: (buffers: readonly Pointer[]) => void): void {
    const buffers = this.#buffers.slice(this.#inUse, this.#inUse + count);
    if (buffers.length < count) throw new Error(`more than ${MOST_BUFFERS} buffers are in use`);
    this.#inUse += count;
    try {
      run(buffers);
    } finally {
      this.#inUse -= count;
    }
  }
}
