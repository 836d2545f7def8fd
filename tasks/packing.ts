import { floats, type Tensors } from '../engine/index.js';
import { HIDDEN, type LanguageModel } from '../models/index.js';

interface Placed {
  readonly id: number;
  /** Flat positions of its sequence up to itself, from the root of its tree. */
  readonly path: readonly number[];
}

/**
 * Trees of tokens laid out in the rows of a batch. Which token sees which is in the attention bias alone, so several trees
 * can share a row: little is padded, and nothing changes for any of them. For a model that looks ahead, a tree must not fork:
 * its trunk would see all branches at once.
 */
export class Packing {
  readonly #sequence: number;
  readonly #rows: number;
  /** Next free flat position of each tree. */
  readonly #next: number[];
  readonly #placed = new Map<number, Placed>();

  /** Lays out trees of these sizes (in tokens): first fit in order of decreasing size, into rows as long as the largest. */
  constructor(sizes: readonly number[]) {
    this.#sequence = Math.max(1, ...sizes);
    const free: number[] = [];
    this.#next = sizes.map(() => 0);
    const order = sizes.map((size, tree) => ({ size, tree })).sort((a, b) => b.size - a.size || a.tree - b.tree);
    for (const { size, tree } of order) {
      let row = free.findIndex((room) => room >= size);
      if (row < 0) row = free.push(this.#sequence) - 1;
      const room = free[row] ?? 0;
      this.#next[tree] = row * this.#sequence + this.#sequence - room;
      free[row] = room - size;
    }
    this.#rows = free.length;
  }

  /** Places the tokens of one branch of a tree after its `ancestors` (flat positions, from the root) and gives their flat positions. */
  branch(tree: number, tokens: readonly number[], ancestors: readonly number[]): readonly number[] {
    const path = [...ancestors];
    for (const id of tokens) {
      const position = this.#next[tree] ?? 0;
      this.#next[tree] = position + 1;
      path.push(position);
      this.#placed.set(position, { id, path: [...path] });
    }
    return path.slice(ancestors.length);
  }

  tensors(model: LanguageModel, padId: number): Tensors {
    const [rows, sequence] = [this.#rows, this.#sequence];
    const ids = new Int32Array(rows * sequence).fill(padId);
    const depths = new Int32Array(rows * sequence).fill(-1);
    const bias = new Float32Array(rows * sequence * sequence).fill(HIDDEN);
    const { attends } = model.architecture;
    const distances = Array.from({ length: sequence }, (_, distance) => distance);
    const [back, ahead] = [distances.map((distance) => attends(distance)), distances.map((distance) => attends(-distance))];
    for (const [position, { id, path }] of this.#placed) {
      const last = path.length - 1;
      const rowStart = position - (position % sequence);
      ids[position] = id;
      depths[position] = last;
      for (let depth = 0; depth <= last; depth++) {
        const other = path[depth] ?? 0;
        if (back[last - depth]) bias[position * sequence + other - rowStart] = 0;
        if (ahead[last - depth]) bias[other * sequence + position - rowStart] = 0;
      }
    }
    return {
      ...model.tokenInputs(ids, rows, sequence),
      attention_bias: floats([rows, sequence, sequence], bias),
      ...model.positionInputs(depths, rows, sequence),
    };
  }
}
