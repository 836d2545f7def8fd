import type { Dim, Shape, Value } from './graph.js';
import type { Tensors } from './session.js';

export type Bindings = ReadonlyMap<string, number>;

/** The lengths that a graph's named axes have in these inputs. */
export function bindDims(inputs: readonly Value[], tensors: Tensors): Bindings {
  const bindings = new Map<string, number>();
  for (const { name, shape } of inputs) {
    const dims = tensors[name]?.dims ?? [];
    shape.forEach((dim, axis) => {
      const length = dims[axis];
      if (typeof dim === 'string' && length !== undefined) bindings.set(dim, length);
    });
  }
  return bindings;
}

export function resolveShape(shape: Shape, bindings: Bindings): number[] {
  return shape.map((dim) => resolveDim(dim, bindings));
}

function resolveDim(dim: Dim, bindings: Bindings): number {
  if (typeof dim === 'number') return dim;
  const bound = bindings.get(dim);
  if (bound !== undefined) return bound;
  if (!dim.includes('*')) throw new Error(`the length of axis ${dim} is not known from the inputs`);
  return dim.split('*').reduce((total, factor) => total * (Number(factor) || resolveDim(factor, bindings)), 1);
}
