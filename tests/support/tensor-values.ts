import { WasmHeap, type ParameterSource } from '../../engine/index.js';
import { readElements } from '../../models/read-tensors.js';
import type { TensorInfo } from '../../models/safetensors.js';

/** The first `count` values of a source, read into a heap of their own. */
export function valuesOf(source: ParameterSource, count: number): Float32Array {
  const heap = new WasmHeap();
  const out = heap.allocate(count);
  source.read([{ first: 0, count }], heap, out);
  return heap.floats(out, count).slice();
}

/** All values of a tensor in a file. */
export function valuesOfTensor(info: TensorInfo): Float32Array {
  const count = info.shape.reduce((product, extent) => product * extent, 1);
  return valuesOf({ read: (...where) => readElements(info, ...where) }, count);
}
