import type { Heap } from '../kernels/heap.js';
import type { Pointer } from '../kernels/pointer.js';
import type { Parameters } from '../parameters/parameters.js';
import { floats, type Tensor, type Tensors } from '../sessions/session.js';
import { layOutSlices, unperturbedTensor, type ParameterSlice } from './slices.js';

/**
 * Slices at theta itself. Those of streamed parameters are read into one buffer, slice by slice, which the next stage reuses:
 * what a run holds of them is one stage, or of a vocabulary one block.
 */
export class UnperturbedSlices {
  #buffer: StreamingBuffer | undefined;

  constructor(readonly parameters: Parameters) {}

  /** The slices by the names of the graph inputs they are for, good until the next call. */
  tensors(slices: readonly ParameterSlice[]): Tensors {
    const streamed = this.#read(slices.filter(({ parameter }) => parameter.source));
    const tensor = (slice: ParameterSlice): Tensor => streamed.get(slice) ?? unperturbedTensor(this.parameters, slice);
    return Object.fromEntries(slices.map((slice) => [slice.use.value.name, tensor(slice)]));
  }

  #read(slices: readonly ParameterSlice[]): ReadonlyMap<ParameterSlice, Tensor> {
    if (slices.length === 0) return new Map();
    const { offsets, total } = layOutSlices(slices);
    this.#buffer ??= new StreamingBuffer(this.parameters.heap.createEmpty());
    const { heap } = this.#buffer;
    const start = this.#buffer.reserve(total);
    return new Map(
      slices.map((slice, index) => {
        const out = start + 4 * (offsets[index] ?? NaN);
        slice.parameter.source?.read(slice.runs, heap, out);
        return [slice, floats(slice.dims, heap.floats(out, slice.count))];
      }),
    );
  }
}

/** All that its heap holds, so that it grows in place. */
class StreamingBuffer {
  readonly #start: Pointer;
  #capacity = 0;

  constructor(readonly heap: Heap) {
    this.#start = heap.allocate(0);
  }

  /** Space for that many elements, as {@link layOutSlices} counts them; what was in it stays. */
  reserve(count: number): Pointer {
    if (count > this.#capacity) {
      this.heap.allocate(count - this.#capacity);
      this.#capacity = count;
    }
    return this.#start;
  }
}
