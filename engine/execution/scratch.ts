import type { Pointer } from '../kernels/pointer.js';
import type { Direction, Point } from '../parameters/direction.js';
import { simplified } from '../parameters/generated.js';
import type { Parameter, ElementRange } from '../parameters/parameter.js';
import type { Parameters } from '../parameters/parameters.js';

/**
 * Scratch memory for one stage's perturbed copies ("perturb at use"): theta itself never changes during a probe,
 * and the memory is one stage's, not the model's. Slot k belongs to the k-th point.
 */
export class Scratch {
  readonly #slots: { pointer: Pointer; capacity: number }[] = [];

  constructor(readonly parameters: Parameters) {}

  /** Makes every slot at least `count` elements large. An outgrown slot is lost, so call it with the largest need known. */
  reserve(slots: number, count: number): void {
    for (let k = 0; k < slots; k++) {
      if ((this.#slots[k]?.capacity ?? -1) < count) {
        this.#slots[k] = { pointer: this.parameters.heap.allocateArray(count), capacity: count };
      }
    }
  }

  /**
   * Writes runs of `parameter`, end to end from `offset` of the point's slot on, at every point that moves it. Points of one direction
   * share its noise.
   */
  perturb(parameter: Parameter, runs: readonly ElementRange[], given: readonly Point[], offset: number): void {
    const points = given.map((point) => simplified(point, parameter));
    for (const direction of new Set(points.map((point) => point.direction))) {
      if (!this.parameters.isMoved(parameter, direction)) continue;
      const lanes = points.flatMap((point, slot) => (point.direction === direction ? [{ scale: point.scale, slot }] : []));
      let at = offset;
      for (const { first, count } of runs) {
        const outs = lanes.map(({ scale, slot }) => ({ scale, out: this.#pointer(slot, at) }));
        this.parameters.addDirections(parameter, first, count, direction, outs);
        at += count;
      }
    }
  }

  /** Writes z for the run of `parameter` to `offset` of the first slot. */
  direction(parameter: Parameter, { first, count }: ElementRange, direction: Direction, offset: number): void {
    this.parameters.writeDirection(parameter, first, count, direction, this.#pointer(0, offset));
  }

  view(slot: number, offset: number, count: number): Float32Array {
    return this.parameters.heap.floats(this.#pointer(slot, offset), count);
  }

  #pointer(slot: number, offset: number): Pointer {
    const reserved = this.#slots[slot];
    if (!reserved) throw new Error(`scratch slot ${slot} was not reserved`);
    return reserved.pointer + 4 * offset;
  }
}
