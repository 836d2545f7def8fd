import type { Tensor } from '@tensorflow/tfjs-core';
import type { Attribute, Node } from '../../graph/graph.js';
import type { Tf } from './bindings.js';

/** Integers of a graph: shapes, axes, indices. They stay in JavaScript until an operator on the device wants them. */
export interface Integers {
  readonly dims: readonly number[];
  readonly integers: readonly number[];
}

export type DeviceValue = Tensor | Integers;

export const isIntegers = (value: DeviceValue): value is Integers => 'integers' in value;

/** What an operator sees of its node. */
interface Call {
  readonly tf: Tf;
  readonly node: Node;
  /** A tensor of real numbers. */
  readonly x: (index: number) => Tensor;
  /** The same, or nothing where the node has no such input. */
  readonly optional: (index: number) => Tensor | undefined;
  /** Integers as a tensor on the device. */
  readonly indices: (index: number) => Tensor;
  readonly integers: (index: number) => readonly number[];
  readonly value: (index: number) => DeviceValue;
}

type Operator = (call: Call) => DeviceValue | readonly DeviceValue[];

const integer = (attribute: Attribute | undefined): number => (attribute && 'int' in attribute ? attribute.int : 0);
const float = (attribute: Attribute | undefined): number => (attribute && 'float' in attribute ? attribute.float : 0);
const integers = (attribute: Attribute | undefined): number[] => (attribute && 'ints' in attribute ? [...attribute.ints] : []);
const real = (attribute: Attribute | undefined): number => (attribute && 'real' in attribute ? attribute.real : 0);
const keepsDims = ({ attributes: { keepdims } }: Node): boolean => integer(keepdims) === 1;

/** One entry for each operator of `graph/operators.ts`. */
export const tfjsOperators: Readonly<Record<string, Operator>> = {
  Abs: ({ tf, x }) => tf.abs(x(0)),
  Add: ({ tf, x }) => tf.add(x(0), x(1)),
  Sub: ({ tf, x }) => tf.sub(x(0), x(1)),
  Mul: ({ tf, x }) => tf.mul(x(0), x(1)),
  Div: ({ tf, x }) => tf.div(x(0), x(1)),
  Neg: ({ tf, x }) => tf.neg(x(0)),
  Sqrt: ({ tf, x }) => tf.sqrt(x(0)),
  Exp: ({ tf, x }) => tf.exp(x(0)),
  Erf: ({ tf, x }) => tf.erf(x(0)),
  Relu: ({ tf, x }) => tf.relu(x(0)),
  Sigmoid: ({ tf, x }) => tf.sigmoid(x(0)),
  Sign: ({ tf, x }) => tf.sign(x(0)),
  // x Phi(x)
  Gelu: ({ tf, x }) => tf.mul(tf.mul(x(0), 0.5), tf.add(tf.erf(tf.mul(x(0), Math.SQRT1_2)), 1)),
  Softmax: ({ tf, x }) => tf.softmax(x(0), -1),
  MatMul: ({ tf, x }) => tf.matMul(x(0), x(1)),
  Gemm: ({ tf, x, optional, node: { attributes } }) => {
    const product = tf.matMul(x(0), x(1), integer(attributes.transA) === 1, integer(attributes.transB) === 1);
    const c = optional(2);
    return c ? tf.add(product, c) : product;
  },
  Transpose: ({ tf, x, node }) => tf.transpose(x(0), integers(node.attributes.perm)),
  ReduceSum: ({ tf, x, integers: axes, node }) => tf.sum(x(0), [...axes(1)], keepsDims(node)),
  ReduceMean: ({ tf, x, integers: axes, node }) => tf.mean(x(0), [...axes(1)], keepsDims(node)),
  ReduceLogSumExp: ({ tf, x, integers: axes, node }) => tf.logSumExp(x(0), [...axes(1)], keepsDims(node)),
  Gather: ({ tf, x, indices }) => tf.gather(x(0), indices(1), 0),
  // scatterND adds up what goes to one place.
  ScatterND: ({ tf, x, indices }) => tf.add(x(0), tf.scatterND(indices(1) as Parameters<Tf['scatterND']>[0], x(2), x(0).shape)),
  Unsqueeze: ({ tf, x, value, integers: axes }) => {
    const given = value(0);
    if (!isIntegers(given)) return tf.expandDims(x(0), axes(1)[0]);
    const [axis = 0] = axes(1);
    const dims = [...given.dims];
    dims.splice(axis < 0 ? dims.length + 1 + axis : axis, 0, 1);
    return { dims, integers: given.integers };
  },
  Shape: ({ value, node: { attributes } }) => {
    const given = value(0);
    const dims = (isIntegers(given) ? given.dims : given.shape).slice(integer(attributes.start), integer(attributes.end));
    return { dims: [dims.length], integers: dims };
  },
  Concat: ({ tf, value, x, node }) => {
    const values = node.inputs.map((_, index) => value(index));
    if (!values.every(isIntegers))
      return tf.concat(
        values.map((_, index) => x(index)),
        integer(node.attributes.axis),
      );
    const joined = values.flatMap((each) => each.integers);
    return { dims: [joined.length], integers: joined };
  },
  ConstantOfShape: ({ tf, integers: shape, node }) => tf.fill([...shape(0)], real(node.attributes.value)),
  Expand: ({ tf, x, integers: shape }) => tf.broadcastTo(x(0), [...shape(1)]),
  Reshape: ({ tf, x, integers: shape }) =>
    tf.reshape(
      x(0),
      shape(1).map((length, axis) => (length === 0 ? (x(0).shape[axis] ?? 0) : length)),
    ),
  Slice: ({ tf, x, integers: at }) => {
    const { shape } = x(0);
    const [[start = 0], [end = 0], [axis = 0]] = [at(1), at(2), at(3)];
    const length = shape[axis] ?? 0;
    const from = start < 0 ? length + start : start;
    const to = Math.min(length, end < 0 ? length + end : end);
    const begin = shape.map((_, k) => (k === axis ? from : 0));
    return tf.slice(
      x(0),
      begin,
      shape.map((size, k) => (k === axis ? to - from : size)),
    );
  },
  Pad: ({ tf, x, integers: pads }) => {
    const rank = x(0).shape.length;
    return tf.pad(
      x(0),
      x(0).shape.map((_, axis): [number, number] => [pads(1)[axis] ?? 0, pads(1)[rank + axis] ?? 0]),
    );
  },
  LayerNormalization: ({ tf, x, node: { attributes } }) => {
    const mean = tf.mean(x(0), -1, true);
    const centred = tf.sub(x(0), mean);
    const inverse = tf.rsqrt(tf.add(tf.mean(tf.square(centred), -1, true), float(attributes.epsilon)));
    return [tf.add(tf.mul(tf.mul(centred, inverse), x(1)), x(2)), mean, inverse];
  },
  SimplifiedLayerNormalization: ({ tf, x, node: { attributes } }) => {
    const inverse = tf.rsqrt(tf.add(tf.mean(tf.square(x(0)), -1, true), float(attributes.epsilon)));
    return [tf.mul(tf.mul(x(0), inverse), x(1)), inverse];
  },
};
