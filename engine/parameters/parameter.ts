import type { ParameterPlace } from '../graph/stage.js';
import type { Heap } from '../kernels/heap.js';
import type { Pointer } from '../kernels/pointer.js';

/** Consecutive elements of a parameter. */
export interface ElementRange {
  readonly first: number;
  readonly count: number;
}

/** Where the values of a parameter are stored. */
export interface ParameterSource {
  /** Writes the elements of the ranges, one span after another, as float32 to a heap. */
  read(ranges: readonly ElementRange[], heap: Heap, out: Pointer): void;
}

export interface Parameter extends ParameterPlace {
  readonly name: string;
  readonly shape: readonly number[];
  readonly count: number;
  readonly trainable: boolean;
  /** Where it lies in the heap. A streamed parameter lies nowhere: this throws. */
  readonly pointer: Pointer;
  /** What a streamed parameter, always frozen, is read from wherever it is used. */
  readonly source?: ParameterSource;
}
