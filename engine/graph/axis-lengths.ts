import type { Dim, Shape, Value } from './graph.js';

export type Bindings = ReadonlyMap<string, number>;

/** The lengths that a graph's named axes have in these inputs. */
export function bindDims(inputs: readonly Value[], tensors: Readonly<Record<string, { readonly dims: readonly number[] }>>): Bindings {
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

/** The length of an axis: a number, a name, a product `a*b` or a sum `(a+b)` of such. */
export function resolveDim(dim: Dim, bindings: Bindings): number {
  if (typeof dim === 'number') return dim;
  const bound = bindings.get(dim);
  if (bound !== undefined) return bound;
  const factors = splitOutside(dim, '*');
  if (factors.length > 1) return factors.reduce((total, factor) => total * resolveDim(factor, bindings), 1);
  if (dim.startsWith('(')) return splitOutside(dim.slice(1, -1), '+').reduce((total, term) => total + resolveDim(term, bindings), 0);
  const number = Number(dim);
  if (Number.isNaN(number)) throw new Error(`the length of axis ${dim} is not known from the inputs`);
  return number;
}

/** Splits at a sign that stands in no parentheses. */
function splitOutside(text: string, sign: string): string[] {
  const parts = [''];
  let depth = 0;
  for (const letter of text) {
    if (letter === '(') depth++;
    if (letter === ')') depth--;
    if (letter === sign && depth === 0) parts.push('');
    else parts.push((parts.pop() ?? '') + letter);
  }
  return parts;
}
