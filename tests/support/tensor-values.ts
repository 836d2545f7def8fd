import { Heap, type ParameterSource } from '../../engine/index.js';

/** The first `count` values of a source, read into a heap of their own. */
export function valuesOf(source: ParameterSource, count: number): Float32Array {
  const heap = new Heap();
  const out = heap.allocate(count);
  source.read([{ first: 0, count }], heap, out);
  return heap.floats(out, count).slice();
}
