import { noiseKey, type Seed } from '../kernels/noise.js';
import type { Pointer } from '../kernels/pointer.js';
import type { DirectionChunk } from './direction.js';
import type { Mask } from './generated.js';
import { Largest, type ParameterRange, type Scores } from './largest.js';
import type { Parameter } from './parameter.js';
import type { Parameters } from './parameters.js';

const WORDS = 2 ** 32;
const BITS = 32;

/** m = 1 with a probability for each parameter, each element for itself, from a seed: nothing is stored. */
export const randomMask = (seed: Seed, density: (parameter: Parameter) => number): Mask => ({
  apply({ parameters, parameter, first, count }, z) {
    const threshold = Math.round(WORDS * density(parameter));
    if (threshold >= WORDS) return;
    const { k0, k1 } = noiseKey(seed, parameter.name);
    parameters.heap.kernels.keepRandom(z, count, first, threshold, k0, k1);
  },
});

/** m = 1 where |theta| is at most a threshold for each parameter. */
export const smallWeights = (threshold: (parameter: Parameter) => number): Mask => ({
  apply({ parameters, parameter, first, count }, z) {
    parameters.heap.kernels.keepSmall(z, parameter.pointer + 4 * first, count, threshold(parameter));
  },
});

/** m = 1 on the elements with the largest scores, as they were when these were {@link choose}n; kept as bits. */
export class LargestMask implements Mask {
  readonly #largest: Largest;
  readonly #marks: ReadonlyMap<string, Pointer>;

  constructor(parameters: Parameters, scores: Scores) {
    this.#largest = new Largest(parameters, scores);
    this.#marks = new Map(parameters.trainable.map(({ name, count }) => [name, parameters.heap.allocate(Math.ceil(count / BITS))]));
  }

  /** Keeps the `keep` largest of the ranges together; of equal ones the first. Elsewhere the mask stays what it was. */
  choose(ranges: readonly ParameterRange[], keep: number): void {
    this.#largest.mark(ranges, keep, (parameter) => this.#marksOf(parameter));
  }

  apply({ parameters, parameter, first, count }: DirectionChunk, z: Pointer): void {
    parameters.heap.kernels.keepMarked(z, count, first, this.#marksOf(parameter));
  }

  #marksOf({ name }: Parameter): Pointer {
    return this.#marks.get(name) ?? NaN;
  }
}
