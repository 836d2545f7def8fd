import type { Pointer } from '../kernels/pointer.js';
import type { DirectionChunk } from './direction.js';
import type { ParameterRange, Scores } from './largest.js';
import type { Parameter } from './parameter.js';
import type { Parameters } from './parameters.js';

/** |theta| */
export const magnitudes: Scores = ({ parameter, first }) => parameter.pointer + 4 * first;

/** |W_ij| ||x_j|| for the weights [outputs, inputs] of linear layers, of the batch last seen; |theta| elsewhere (Wanda, equation 1). */
export class InputScores {
  /** ||x_j|| */
  readonly #norms = new Map<string, Pointer>();

  set({ trainable, heap }: Parameters, norms: ReadonlyMap<string, Float32Array>): void {
    for (const { name } of trainable) {
      const features = norms.get(name);
      if (!features) continue;
      if (!this.#norms.has(name)) this.#norms.set(name, heap.allocate(features.length));
      heap.floats(this.#norms.get(name) ?? NaN, features.length).set(features);
    }
  }

  readonly scores: Scores = (chunk, buffer) => {
    const norms = this.#norms.get(chunk.parameter.name);
    const theta = magnitudes(chunk, buffer);
    if (norms === undefined) return theta;
    const inputs = inputsOf(chunk);
    const { kernels } = chunk.parameters.heap;
    for (let done = 0; done < chunk.count;) {
      const column = (chunk.first + done) % inputs;
      const n = Math.min(inputs - column, chunk.count - done);
      kernels.multiply(buffer + 4 * done, theta + 4 * done, norms + 4 * column, n);
      done += n;
    }
    return buffer;
  };

  /** What is compared within a layer: the rows of linear layers' weights, other tensors whole. */
  *groups({ trainable }: Parameters): Generator<readonly ParameterRange[]> {
    for (const parameter of trainable) {
      const size = this.#norms.has(parameter.name) ? inputsOf({ parameter }) : parameter.count;
      for (let first = 0; first < parameter.count; first += size) yield [{ parameter, first, count: size }];
    }
  }
}

const inputsOf = ({ parameter: { shape } }: { readonly parameter: Parameter } | DirectionChunk): number => shape[1] ?? 1;
