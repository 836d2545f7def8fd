import type { Pointer } from './pointer.js';
import type { Kernels } from './table.js';

/**
 * Memory that both the kernels and the sessions see: parameters, optimizer state and scratch are allocated here. Nothing is freed; what
 * is needed is known when a run starts. {@link WasmHeap} holds numbers, others count what is asked for or give the same memory again.
 */
export interface Heap {
  /** They may be others after an array has been allocated: ask anew. */
  readonly kernels: Kernels;
  /**
   * `count` float32 elements, all zero, for kernels that look at them anywhere. Arrays from {@link floats} made earlier become unusable:
   * make them anew.
   * @throws RangeError where the first memory is full
   */
  allocate(count: number): Pointer;
  /**
   * The same for what kernels go through element by element: parameters, and arrays of their sizes.
   * @throws RangeError where it is more than one memory holds
   */
  allocateArray(count: number): Pointer;
  /** A view on the heap, good until the next {@link allocate} or {@link allocateArray}. */
  floats(pointer: Pointer, count: number): Float32Array;
  /** An empty heap of the same kind, for what must not move this one. */
  createEmpty(): Heap;
}
