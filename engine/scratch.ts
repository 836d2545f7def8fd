import { simplified, type Direction, type Point } from './direction.js';
import type { Pointer } from './heap.js';
import { noiseKey } from './noise.js';
import type { Parameter, Parameters } from './parameters.js';
import type { Span } from './streaming.js';

/**
 * Room beside the parameters for one stage's perturbed copies ("perturb at use"): theta itself never changes during a probe,
 * and the memory is one stage's, not the model's. Slot k belongs to the k-th point.
 */
export class Scratch {
  readonly #slots: { pointer: Pointer; capacity: number }[] = [];

  constructor(readonly parameters: Parameters) {}

  /** Makes every slot at least `count` elements large. Outgrown room is lost, so call it with the largest need known. */
  reserve(slots: number, count: number): void {
    for (let k = 0; k < slots; k++) {
      if ((this.#slots[k]?.capacity ?? -1) < count) {
        this.#slots[k] = { pointer: this.parameters.heap.allocate(count), capacity: count };
      }
    }
  }

  /** Writes the run of `parameter` at every point that moves it to `offset` of the point's slot. Points of one direction share its noise. */
  perturb(parameter: Parameter, { first, count }: Span, given: readonly Point[], offset: number): void {
    const { parameters } = this;
    const points = given.map((point) => simplified(point, parameter));
    const [plus, minus] = points;
    if (plus && minus && points.length === 2 && areMirrored(plus, minus) && typeof plus.direction === 'number') {
      const { k0, k1 } = noiseKey(plus.direction, parameter.name);
      const theta = parameter.pointer + 4 * first;
      parameters.heap.kernels.perturb(theta, this.#pointer(0, offset), this.#pointer(1, offset), count, first, plus.scale, k0, k1);
      return;
    }
    for (const direction of new Set(points.map((point) => point.direction))) {
      if (!parameters.isMoved(parameter, direction)) continue;
      const outs = points.flatMap((point, k) =>
        point.direction === direction ? [{ scale: point.scale, out: this.#pointer(k, offset) }] : [],
      );
      const [only, ...others] = outs;
      if (only && others.length === 0) parameters.addDirection(parameter, first, count, direction, only.scale, only.out);
      else parameters.addDirections(parameter, first, count, direction, outs);
    }
  }

  /** Writes z for the run of `parameter` to `offset` of the first slot. */
  direction(parameter: Parameter, { first, count }: Span, direction: Direction, offset: number): void {
    this.parameters.writeDirection(parameter, first, count, direction, this.#pointer(0, offset));
  }

  view(slot: number, offset: number, count: number): Float32Array {
    return this.parameters.heap.floats(this.#pointer(slot, offset), count);
  }

  #pointer(slot: number, offset: number): Pointer {
    const room = this.#slots[slot];
    if (!room) throw new Error(`scratch slot ${slot} was not reserved`);
    return room.pointer + 4 * offset;
  }
}

function areMirrored(a: Point, b: Point): boolean {
  return a.direction === b.direction && a.scale === -b.scale;
}
