import type { Graph, Node, Value } from '../graph/graph.js';
import { resolveDim } from '../graph/axis-lengths.js';
import { kernelCalls, type KernelCall } from './kernel-calls.js';

/** A number that a kernel takes: one of the program's, of shape [], its negative or its reciprocal, or always the same. */
export type NumberOf = number | Value | { readonly minus: NumberOf } | { readonly over: NumberOf };

/** How an array is computed. */
export interface Match {
  readonly call: KernelCall;
  readonly reads: readonly Value[];
  readonly numbers: readonly NumberOf[];
  /** Those of the arrays read whose place the result may take. */
  readonly inPlace: readonly Value[];
}

export const isNumber = ({ shape }: Value): boolean => shape.length === 0;

const match = (call: KernelCall, reads: readonly Value[], numbers: readonly NumberOf[] = [], inPlace = reads): Match => ({
  call,
  reads,
  numbers,
  inPlace,
});

/**
 * The kernel that computes a value, the largest part of the formula that one covers. Kernels round as single operations do, but Adam's
 * step, which multiplies by 1 / sqrt(b) instead of dividing by b under the root.
 * @throws Error naming an operator that the kernels do not have
 */
export function matchKernel(graph: Graph, value: Value): Match {
  const node = graph.producer(value);
  const found = node && new Matcher(graph).match(node);
  if (!found) throw new Error(`no kernel computes ${value.name} [${value.shape.join(', ')}]`);
  return found;
}

interface Product {
  readonly x: Value;
  readonly factor: NumberOf;
}

class Matcher {
  constructor(readonly graph: Graph) {}

  match(node: Node): Match | undefined {
    const [a, b] = node.inputs;
    if (!a) return undefined;
    if (!b) return this.#unary(node.op, a, node);
    switch (node.op) {
      case 'Add':
        return this.#sum(a, b);
      case 'Sub':
        return this.#difference(a, b);
      case 'Mul':
        return this.#product(a, b);
      case 'Div':
        return this.#quotient(a, b);
      case 'MatMul':
        return matrixProduct(a, b);
      default:
        return undefined;
    }
  }

  #unary(op: string, x: Value, { attributes: { perm } }: Node): Match | undefined {
    if (op === 'Sqrt') return match(kernelCalls.squareRoot, [x]);
    if (op === 'Abs') return match(kernelCalls.absolute, [x]);
    if (op === 'Sign') return match(kernelCalls.sign, [x]);
    if (op === 'Neg') return match(kernelCalls.scale, [x], [-1]);
    const isTransposition = op === 'Transpose' && perm && 'ints' in perm && perm.ints.join() === '1,0';
    return isTransposition ? transposition(x) : undefined;
  }

  #sum(a: Value, b: Value): Match {
    if (isNumber(a)) return this.#sum(b, a);
    const [first, second] = [this.#scaled(a), this.#scaled(b)];
    if (isNumber(b)) return match(kernelCalls.affine, [first?.x ?? a], [first?.factor ?? 1, b]);
    if (first && second) return this.#blend(first, second);
    if (first) return match(kernelCalls.addScaled, [b, first.x], [first.factor]);
    return match(kernelCalls.addScaled, [a, second?.x ?? b], [second?.factor ?? 1]);
  }

  #blend(first: Product, second: Product): Match {
    const [left, right] = [this.#squared(first.x), this.#squared(second.x)];
    if (right) return match(kernelCalls.blendSquare, [first.x, right], [first.factor, second.factor]);
    if (left) return match(kernelCalls.blendSquare, [second.x, left], [second.factor, first.factor]);
    return match(kernelCalls.blend, [first.x, second.x], [first.factor, second.factor]);
  }

  #difference(a: Value, b: Value): Match {
    if (isNumber(b)) return match(kernelCalls.affine, [a], [1, { minus: b }]);
    const scaled = this.#scaled(b);
    if (isNumber(a)) return match(kernelCalls.affine, [scaled?.x ?? b], [scaled ? { minus: scaled.factor } : -1, a]);
    const step = this.#adamStep(a, b);
    if (step) return step;
    return match(kernelCalls.addScaled, [a, scaled?.x ?? b], [scaled ? { minus: scaled.factor } : -1]);
  }

  /** theta - rate m / (sqrt(v / correction) + epsilon), with or without a correction */
  #adamStep(theta: Value, step: Value): Match | undefined {
    const [above, below] = this.#inputs(step, 'Div');
    const m = above && this.#scaled(above);
    const [root, epsilon] = below ? this.#inputs(below, 'Add') : [];
    const [v] = root ? this.#inputs(root, 'Sqrt') : [];
    if (!m || !v || !epsilon || !isNumber(epsilon)) return undefined;
    const [uncorrected, correction] = this.#inputs(v, 'Div');
    const isCorrected = uncorrected && correction && isNumber(correction);
    const reads = [theta, m.x, isCorrected ? uncorrected : v];
    return match(kernelCalls.adamStep, reads, [m.factor, isCorrected ? correction : 1, epsilon], [theta]);
  }

  #product(a: Value, b: Value): Match {
    if (isNumber(a)) return match(kernelCalls.scale, [b], [a]);
    return isNumber(b) ? match(kernelCalls.scale, [a], [b]) : match(kernelCalls.multiply, [a, b]);
  }

  #quotient(a: Value, b: Value): Match {
    if (isNumber(b)) return match(kernelCalls.scale, [a], [{ over: b }]);
    if (isNumber(a)) return match(kernelCalls.reciprocal, [b], [a], []);
    const [radicand] = this.#inputs(b, 'Sqrt');
    return radicand ? match(kernelCalls.overRoot, [a, radicand]) : match(kernelCalls.divide, [a, b]);
  }

  /** x and a number, if the value is their product. */
  #scaled(value: Value): Product | undefined {
    const [a, b] = this.#inputs(value, 'Mul');
    if (!a || !b || isNumber(a) === isNumber(b)) return undefined;
    return isNumber(a) ? { x: b, factor: a } : { x: a, factor: b };
  }

  /** y, if the value is y^2. */
  #squared(value: Value): Value | undefined {
    const [a, b] = this.#inputs(value, 'Mul');
    return a === b ? a : undefined;
  }

  /** What a value is made of, if by that operator. */
  #inputs(value: Value, op: string): Node['inputs'] {
    const node = this.graph.producer(value);
    return node?.op === op ? node.inputs : [];
  }
}

function matrixProduct(a: Value, b: Value): Match {
  const [rows, inner, columns] = [a.shape[0] ?? NaN, a.shape[1] ?? NaN, b.shape[1] ?? NaN];
  const call: KernelCall = (f, out, x) => {
    const [n, k, m] = [rows, inner, columns].map((axis) => resolveDim(axis, f.lengths)) as [number, number, number];
    f.kernels.lowRank(f.at(out), n * m, 0, m, k, f.at(x[0]), f.at(x[1]));
  };
  return match(call, [a, b], [], []);
}

function transposition(x: Value): Match {
  const [rows = NaN, columns = NaN] = x.shape;
  const call: KernelCall = (f, out, [from]) =>
    f.kernels.transpose(f.at(out), f.at(from), resolveDim(rows, f.lengths), resolveDim(columns, f.lengths));
  return match(call, [x], [], []);
}
