import { bindDims, resolveShape } from '../graph/axis-lengths.js';
import type { Value } from '../graph/graph.js';
import { floats, type Backend, type Tensor, type Tensors } from '../sessions/session.js';

/** log 0, finite so that differences of such values stay numbers. */
const LOG_ZERO = -1e30;

/** Reused buffers for the outputs of stages. A stage may read and write one name, so two versions of each take turns. */
export class ActivationMemory {
  readonly #buffers = new Map<string, { readonly capacity: number; readonly data: Float32Array }>();
  readonly #versions = new Map<string, number>();

  constructor(readonly backend: Pick<Backend, 'allocate'>) {}

  /** Memory for an output of that name in that lane, not the one handed out last. */
  take(name: string, lane: number, dims: readonly number[]): Tensor {
    const count = dims.reduce((a, b) => a * b, 1);
    const version = 1 - (this.#versions.get(`${name} ${lane}`) ?? 0);
    this.#versions.set(`${name} ${lane}`, version);
    const key = `${name} ${lane} ${version}`;
    let buffer = this.#buffers.get(key);
    if (!buffer || buffer.capacity < count) {
      buffer = { capacity: count, data: this.backend.allocate(count) };
      this.#buffers.set(key, buffer);
    }
    return floats(dims, buffer.data.subarray(0, count));
  }

  /** Memory for every output of a stage, with the axis lengths that follow from its inputs. */
  outputs(
    prefix: string,
    outputs: ReadonlyMap<string, Value>,
    lane: number,
    inputs: readonly Value[],
    tensors: Tensors,
  ): Map<string, Tensor> {
    const bindings = bindDims(inputs, tensors);
    return new Map([...outputs].map(([name, { shape }]) => [name, this.take(prefix + name, lane, resolveShape(shape, bindings))]));
  }

  /** The start of a sum over row blocks: log 0 everywhere. */
  carry(name: string, lane: number, inputs: readonly Value[], tensors: Tensors): Tensor {
    const declared = inputs.find((input) => input.name === name);
    if (!declared) throw new Error(`${name} is carried over row blocks but is no input`);
    const others = inputs.filter((input) => input !== declared);
    const start = this.take(name, lane, resolveShape(declared.shape, bindDims(others, tensors)));
    (start.data as Float32Array).fill(LOG_ZERO);
    return start;
  }
}
