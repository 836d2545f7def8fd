import type { Heap } from '../kernels/heap.js';
import { CHUNK, type Pointer } from '../kernels/pointer.js';

/** Nested calls of {@link BufferPool.use} that there are buffers for. */
const MOST_BUFFERS = 12;

/** Buffers of one chunk each, handed out for as long as a function runs. */
export class BufferPool {
  readonly #buffers: readonly Pointer[];
  #inUse = 0;

  constructor(heap: Heap) {
    // Made now: the heap must not grow while a session holds views on it.
    this.#buffers = Array.from({ length: MOST_BUFFERS }, () => heap.allocate(CHUNK));
  }

  use(run: (buffer: Pointer) => void): void {
    const buffer = this.#buffers[this.#inUse];
    if (buffer === undefined) throw new Error(`more than ${MOST_BUFFERS} buffers are in use`);
    this.#inUse += 1;
    try {
      run(buffer);
    } finally {
      this.#inUse -= 1;
    }
  }
}
