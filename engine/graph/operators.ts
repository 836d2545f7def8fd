import { broadcast, product, type Attribute, type Dim, type DType, type Shape, type Value } from './graph.js';

/** One function per ONNX operator: checks and infers shapes, appends the node, returns its (first) output. */

function unary(op: string, x: Value): Value {
  return one(op, [x], x.shape);
}

/** What an operator takes beside a value: another one, or a number that becomes a constant of the graph. */
type Operand = Value | number;

function binary(op: string, a: Operand, b: Operand): Value {
  const like = typeof a === 'number' ? b : a;
  if (typeof like === 'number') throw new Error(`${op} of two numbers is no operator's work`);
  const [first, second] = [a, b].map((operand) => (typeof operand === 'number' ? scalar(like, operand) : operand)) as [Value, Value];
  return one(op, [first, second], broadcast(first.shape, second.shape), {}, like.dtype);
}

function one(
  op: string,
  inputs: readonly (Value | undefined)[],
  shape: Shape,
  attributes: Readonly<Record<string, Attribute>> = {},
  dtype?: DType,
): Value {
  const first = inputs.find((input) => input !== undefined);
  if (!first) throw new Error(`${op} needs an input`);
  return only(first.graph.add({ op, inputs, outputs: [{ dtype: dtype ?? first.dtype, shape }], attributes }));
}

function only(values: readonly Value[]): Value {
  const [value] = values;
  if (!value) throw new Error('a node without outputs');
  return value;
}

export const add = (a: Operand, b: Operand): Value => binary('Add', a, b);
export const subtract = (a: Operand, b: Operand): Value => binary('Sub', a, b);
export const multiply = (a: Operand, b: Operand): Value => binary('Mul', a, b);
export const divide = (a: Operand, b: Operand): Value => binary('Div', a, b);
export const squareRoot = (x: Value): Value => unary('Sqrt', x);
export const absolute = (x: Value): Value => unary('Abs', x);
export const square = (x: Value): Value => multiply(x, x);
export const negate = (x: Value): Value => unary('Neg', x);
export const relu = (x: Value): Value => unary('Relu', x);
export const sigmoid = (x: Value): Value => unary('Sigmoid', x);
export const sign = (x: Value): Value => unary('Sign', x);
export const exp = (x: Value): Value => unary('Exp', x);
export const erf = (x: Value): Value => unary('Erf', x);

/** x Phi(x) with the normal distribution function Phi (Hendrycks and Gimpel 2016, arXiv:1606.08415), not its approximation by tanh. */
export const gelu = (x: Value): Value =>
  only(x.graph.add({ op: 'Gelu', domain: 'com.microsoft', inputs: [x], outputs: [{ dtype: x.dtype, shape: x.shape }] }));

/** A constant of the graph's real type, shape []. */
export const scalar = (like: Value, value: number): Value => like.graph.constant([value], 'real');
export const scale = (x: Value, factor: Operand): Value => multiply(x, factor);

/** [..., m, k] x [..., k, n] -> [..., m, n], batch axes broadcast. */
export function matmul(a: Value, b: Value): Value {
  const inner = a.shape.at(-1);
  if (a.shape.length < 2 || b.shape.length < 2 || inner !== b.shape.at(-2)) {
    throw new Error(`cannot multiply matrices [${a.shape.join(', ')}] and [${b.shape.join(', ')}]`);
  }
  const batch = broadcast(a.shape.slice(0, -2), b.shape.slice(0, -2));
  return one('MatMul', [a, b], [...batch, at(a.shape, -2), at(b.shape, -1)]);
}

export interface GemmOptions {
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
  /** Added to the product; broadcasts to it. */
  readonly c?: Value | undefined;
}

/** op(a) op(b) + c for matrices, where op transposes if asked: [m, k] x [k, n] -> [m, n]. One kernel does it all. */
export function gemm(a: Value, b: Value, { transposeA = false, transposeB = false, c }: GemmOptions = {}): Value {
  const [m, inner] = [at(a.shape, transposeA ? 1 : 0), at(a.shape, transposeA ? 0 : 1)];
  const [n, otherInner] = [at(b.shape, transposeB ? 0 : 1), at(b.shape, transposeB ? 1 : 0)];
  if (a.shape.length !== 2 || b.shape.length !== 2 || inner !== otherInner) {
    throw new Error(`cannot multiply matrices [${a.shape.join(', ')}] and [${b.shape.join(', ')}]`);
  }
  const attributes = { transA: { int: transposeA ? 1 : 0 }, transB: { int: transposeB ? 1 : 0 } };
  return one('Gemm', c ? [a, b, c] : [a, b], [m, n], attributes);
}

export function transpose(x: Value, permutation: readonly number[]): Value {
  return one(
    'Transpose',
    [x],
    permutation.map((axis) => at(x.shape, axis)),
    { perm: { ints: permutation } },
  );
}

/** Swaps the last two axes. */
export function transposeLast(x: Value): Value {
  const rank = x.shape.length;
  return transpose(
    x,
    Array.from({ length: rank }, (_, axis) => (axis < rank - 2 ? axis : 2 * rank - 3 - axis)),
  );
}

/** Softmax over the last axis. */
export const softmax = (x: Value): Value => one('Softmax', [x], x.shape, { axis: { int: -1 } });

/** log sum exp over the last axis, which stays with length 1. */
export function logSumExp(x: Value): Value {
  return one('ReduceLogSumExp', [x, axesOf(x, [-1])], [...x.shape.slice(0, -1), 1], { keepdims: { int: 1 } });
}

/** Sum over `axes` (negative ones count from the end). */
export function reduceSum(x: Value, axes: readonly number[], keepDims: boolean): Value {
  return one('ReduceSum', [x, axesOf(x, axes)], reducedShape(x.shape, axes, keepDims), { keepdims: { int: keepDims ? 1 : 0 } });
}

/** Sum of all elements, shape []. */
export const sum = (x: Value): Value =>
  reduceSum(
    x,
    x.shape.map((_, axis) => axis),
    false,
  );

/** Mean over the last axis, which stays with length 1. */
export function meanLast(x: Value): Value {
  return one('ReduceMean', [x, axesOf(x, [-1])], reducedShape(x.shape, [-1], true), { keepdims: { int: 1 } });
}

function axesOf(x: Value, axes: readonly number[]): Value {
  return x.graph.constant(axes, 'int64', [axes.length]);
}

function reducedShape(shape: Shape, axes: readonly number[], keepDims: boolean): Shape {
  const reduced = new Set(axes.map((axis) => (axis + shape.length) % shape.length));
  return keepDims ? shape.map((dim, axis) => (reduced.has(axis) ? 1 : dim)) : shape.filter((_, axis) => !reduced.has(axis));
}

/** Rows of `table` [n, ...] named by `indices` (int64): [...indices, ...]. */
export function gather(table: Value, indices: Value): Value {
  return one('Gather', [table, indices], [...indices.shape, ...table.shape.slice(1)], { axis: { int: 0 } });
}

/** Zeros shaped like `like`. */
export const zeros = (like: Value): Value => one('ConstantOfShape', [shapeOf(like)], like.shape, { value: { real: 0 } }, 'real');

/** `table` [n, ...] with `rows` [i..., ...] added at `indices` [i...]; onto zeros, the transpose of {@link gather}. */
export function scatterAddRows(table: Value, indices: Value, rows: Value): Value {
  const column = one('Unsqueeze', [indices, axesOf(indices, [-1])], [...indices.shape, 1]);
  return one('ScatterND', [table, column, rows], table.shape, { reduction: { string: 'add' } });
}

/** The lengths of x's axes from `start` to `end` as an int64 vector. */
export function shapeOf(x: Value, start = 0, end = x.shape.length): Value {
  return one('Shape', [x], [end - start], { start: { int: start }, end: { int: end } }, 'int64');
}

export function concat(values: readonly Value[], axis: number): Value {
  const [first] = values;
  if (!first) throw new Error('concat needs a value');
  const position = (axis + first.shape.length) % first.shape.length;
  const shape = first.shape.map((dim, index) => {
    if (index !== position) return dim;
    return values.map((value) => at(value.shape, index)).reduce(sumDims);
  });
  return one('Concat', values, shape, { axis: { int: position } });
}

function sumDims(a: Dim, b: Dim): Dim {
  if (a === 0) return b;
  if (b === 0) return a;
  return typeof a === 'number' && typeof b === 'number' ? a + b : `(${a}+${b})`;
}

/** The end of an axis of any length, for {@link slice}. */
export const END = Number.MAX_SAFE_INTEGER;

/**
 * x[..., start:end] along `axis`. Places below 0 count from the end, END is the end; then the length of what is taken cannot be computed from
 * the places alone and must be given.
 */
export function slice(x: Value, axis: number, start: number, end: number, length: Dim = end - start): Value {
  const position = (axis + x.shape.length) % x.shape.length;
  const vector = (n: number): Value => x.graph.constant([n], 'int64', [1]);
  return one(
    'Slice',
    [x, vector(start), vector(end), vector(position)],
    x.shape.map((dim, index) => (index === position ? length : dim)),
  );
}

/** `before` and `after` zeros around the last axis. */
export function padLast(x: Value, before: number, after: number): Value {
  const pads = [...x.shape.map(() => 0), ...x.shape.map(() => 0)];
  pads[x.shape.length - 1] = before;
  pads[2 * x.shape.length - 1] = after;
  const shape = [...x.shape.slice(0, -1), [before, at(x.shape, -1), after].reduce(sumDims)];
  return one('Pad', [x, x.graph.constant(pads, 'int64', [pads.length])], shape);
}

/**
 * The same elements with other axes. The target may keep named axes where they stand, have one more named axis, or be
 * the shape of `like` (an axis it shares position and name with), whose lengths are then read when the graph runs.
 */
export function reshape(x: Value, shape: Shape, like?: Value): Value {
  const free = shape.filter((dim, axis) => typeof dim === 'string' && dim !== x.shape[axis]);
  if (free.length <= 1) {
    const target = shape.map((dim, axis) => (typeof dim === 'number' ? dim : dim === x.shape[axis] ? 0 : -1));
    return one('Reshape', [x, x.graph.constant(target, 'int64', [target.length])], shape);
  }
  if (!like) throw new Error(`cannot tell the lengths of [${shape.join(', ')}] from [${x.shape.join(', ')}]`);
  const named = shape.findLastIndex((dim) => typeof dim === 'string') + 1;
  if (shape.slice(0, named).some((dim, axis) => dim !== like.shape[axis])) {
    throw new Error(`[${shape.join(', ')}] does not start like [${like.shape.join(', ')}]`);
  }
  const tail = shape.slice(named).map(Number);
  const lengths = shapeOf(like, 0, named);
  const target = tail.length === 0 ? lengths : concat([lengths, x.graph.constant(tail, 'int64', [tail.length])], 0);
  return one('Reshape', [x, target], shape);
}

/** All axes but the last merged: [..., d] -> [n, d]. */
export function flatten(x: Value): Value {
  const rank = x.shape.length;
  if (rank === 2) return x;
  const shape = [product(x.shape.slice(0, -1)), at(x.shape, -1)];
  if (typeof shape[1] === 'number') return reshape(x, shape);
  const lengths = concat([x.graph.constant([-1], 'int64', [1]), shapeOf(x, rank - 1, rank)], 0);
  return one('Reshape', [x, lengths], shape);
}

/** x repeated along axes of length 1 (or missing) to the shape of `like`. */
export function expandLike(x: Value, like: Value): Value {
  return one('Expand', [x, shapeOf(like)], like.shape);
}

/** Normalisation over the last axis with gain and bias; also gives the row means and inverse deviations its gradient needs. */
export function layerNormalization(
  x: Value,
  gain: Value,
  bias: Value,
  epsilon: number,
): { readonly output: Value; readonly mean: Value; readonly inverseDeviation: Value } {
  const rows = [...x.shape.slice(0, -1), 1];
  const [output, mean, inverseDeviation] = x.graph.add({
    op: 'LayerNormalization',
    inputs: [x, gain, bias],
    outputs: [
      { dtype: 'real', shape: x.shape },
      { dtype: 'real', shape: rows },
      { dtype: 'real', shape: rows },
    ],
    attributes: { axis: { int: -1 }, epsilon: { float: epsilon } },
  });
  if (!output || !mean || !inverseDeviation) throw new Error('LayerNormalization has three outputs');
  return { output, mean, inverseDeviation };
}

/** x / sqrt(mean(x^2) + epsilon) * gain over the last axis, and the inverse roots its gradient needs. */
export function rmsNormalization(x: Value, gain: Value, epsilon: number): { readonly output: Value; readonly inverseRoot: Value } {
  const [output, inverseRoot] = x.graph.add({
    op: 'SimplifiedLayerNormalization',
    inputs: [x, gain],
    outputs: [
      { dtype: 'real', shape: x.shape },
      { dtype: 'real', shape: [...x.shape.slice(0, -1), 1] },
    ],
    attributes: { axis: { int: -1 }, epsilon: { float: epsilon } },
  });
  if (!output || !inverseRoot) throw new Error('SimplifiedLayerNormalization has two outputs');
  return { output, inverseRoot };
}

export function at(shape: Shape, axis: number): Dim {
  const dim = shape.at(axis);
  if (dim === undefined) throw new Error(`[${shape.join(', ')}] has no axis ${axis}`);
  return dim;
}
