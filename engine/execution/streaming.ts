import type { Heap } from '../kernels/heap.js';
import type { Pointer } from '../kernels/pointer.js';
import type { Parameters } from '../parameters/parameters.js';
import { floats, type Tensor, type Tensors } from '../sessions/session.js';
import { layOut, plainTensor, type Portion } from './slices.js';

/**
 * Portions at theta itself. Those of streamed parameters come into one room, portion by portion, that the next stage's come into too:
 * what a run holds of them is one stage, or of a vocabulary one block.
 */
export class PlainPortions {
  #room: Room | undefined;

  constructor(readonly parameters: Parameters) {}

  /** The portions by the names of the graph inputs they are for, good until the next call. */
  tensors(portions: readonly Portion[]): Tensors {
    const streamed = this.#read(portions.filter(({ parameter }) => parameter.source));
    const tensor = (portion: Portion): Tensor => streamed.get(portion) ?? plainTensor(this.parameters, portion);
    return Object.fromEntries(portions.map((portion) => [portion.use.value.name, tensor(portion)]));
  }

  #read(portions: readonly Portion[]): ReadonlyMap<Portion, Tensor> {
    if (portions.length === 0) return new Map();
    const { offsets, total } = layOut(portions);
    this.#room ??= new Room(this.parameters.heap.beside());
    const { heap } = this.#room;
    const start = this.#room.reserve(total);
    return new Map(
      portions.map((portion, index) => {
        const out = start + 4 * (offsets[index] ?? NaN);
        portion.parameter.source?.read(portion.runs, heap, out);
        return [portion, floats(portion.dims, heap.floats(out, portion.count))];
      }),
    );
  }
}

/** All that its heap holds, so that it grows in place. */
class Room {
  readonly #start: Pointer;
  #capacity = 0;

  constructor(readonly heap: Heap) {
    this.#start = heap.allocate(0);
  }

  /** Room for that many elements, as {@link layOut} counts them; what was in it stays. */
  reserve(count: number): Pointer {
    if (count > this.#capacity) {
      this.heap.allocate(count - this.#capacity);
      this.#capacity = count;
    }
    return this.#start;
  }
}
