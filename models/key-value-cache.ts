import { float32Of, floats, type Tensors } from '../engine/index.js';
import { OWN, PAST } from './decoding.js';
import type { Dimensions } from './family.js';

type Layer = Record<keyof typeof OWN, Float32Array>;

/**
 * What the tokens of some texts, one text per row, left in each layer for those that follow: the token at place p is in slot p of its
 * row. Nothing grows: 2 * layers * rows * keyHeads * capacity * headSize numbers.
 */
export class KeyValueCache {
  readonly #layers = new Map<string, Layer>();

  constructor(
    readonly rows: number,
    readonly capacity: number,
    readonly dimensions: Pick<Dimensions, 'keyHeads' | 'headSize'>,
  ) {}

  /** How many slots there are to see: none before anything is kept. */
  get slots(): number {
    return this.#layers.size === 0 ? 0 : this.capacity;
  }

  /** Of all layers. */
  get elements(): number {
    return [...this.#layers.values()].reduce((sum, { keys, values }) => sum + keys.length + values.length, 0);
  }

  /** Keys and values [rows, keyHeads, slots, headSize] that a block sees. */
  past(block: string): Tensors {
    const { keyHeads, headSize } = this.dimensions;
    const layer = this.#layers.get(block);
    const dims = [this.rows, keyHeads, layer ? this.capacity : 0, headSize];
    const nothing = new Float32Array();
    return { [PAST.keys]: floats(dims, layer?.keys ?? nothing), [PAST.values]: floats(dims, layer?.values ?? nothing) };
  }

  /** Keeps what a block made of tokens [rows, sequence] at these places of their texts; padding, at place -1, is left out. */
  keep(block: string, made: Tensors, places: Int32Array): void {
    const layer = this.#layers.get(block) ?? { keys: this.#empty(), values: this.#empty() };
    this.#layers.set(block, layer);
    this.#copy(float32Of(made, OWN.keys), layer.keys, places);
    this.#copy(float32Of(made, OWN.values), layer.values, places);
  }

  #empty(): Float32Array {
    const { keyHeads, headSize } = this.dimensions;
    return new Float32Array(this.rows * keyHeads * this.capacity * headSize);
  }

  /** From [rows, keyHeads, sequence, headSize] into the slots of [rows, keyHeads, capacity, headSize]. */
  #copy(own: Float32Array, kept: Float32Array, places: Int32Array): void {
    const { keyHeads, headSize } = this.dimensions;
    const sequence = places.length / this.rows;
    places.forEach((place, token) => {
      if (place < 0) return;
      const [row, at] = [Math.floor(token / sequence), token % sequence];
      for (let head = row * keyHeads; head < (row + 1) * keyHeads; head++) {
        const from = (head * sequence + at) * headSize;
        kept.set(own.subarray(from, from + headSize), (head * this.capacity + place) * headSize);
      }
    });
  }
}
