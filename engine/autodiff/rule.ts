import type { Node, Value } from '../graph/graph.js';
import type { Shape } from '../graph/graph.js';
import { reduceSum, reshape } from '../graph/operators.js';

/** How one operator is differentiated. Only its first output is: further outputs are by-products saved for the gradient. */
export interface Rule {
  /** Reverse mode: cotangents of the inputs, given the output's. An input that is not `wanted` may get undefined. */
  vjp(node: Node, cotangent: Value, wanted: readonly boolean[]): readonly (Value | undefined)[];
  /** The same added to the first input's cotangent so far, where that is cheaper than adding afterwards. */
  addVjp?(node: Node, cotangent: Value, total: Value): Value;
  /** Forward mode: the output's tangent, given the inputs' (undefined where zero; at least one is not). */
  jvp(node: Node, tangents: readonly (Value | undefined)[]): Value;
}

export type Rules = Readonly<Record<string, Rule>>;

export function inputAt(node: Node, index: number): Value {
  const value = node.inputs[index];
  if (!value) throw new Error(`${node.op} has no input ${index}`);
  return value;
}

export function outputAt(node: Node, index: number): Value {
  const value = node.outputs[index];
  if (!value) throw new Error(`${node.op} has no output ${index}`);
  return value;
}

/** Sums over the axes along which an operand of `shape` was broadcast: the transpose of broadcasting. */
export function sumTo(x: Value, shape: Shape): Value {
  const extra = x.shape.length - shape.length;
  const leading = Array.from({ length: extra }, (_, axis) => axis);
  const stretched = shape.flatMap((dim, axis) => (dim === 1 && x.shape[axis + extra] !== 1 ? [axis + extra] : []));
  if (leading.length + stretched.length === 0) return x;
  const summed = stretched.length > 0 ? reduceSum(x, stretched, true) : x;
  return leading.length > 0 ? reduceSum(summed, leading, false) : summed;
}

/** x with the axes of `like`, which has the same elements. */
export const reshapeLike = (x: Value, like: Value): Value => reshape(x, like.shape, like);
