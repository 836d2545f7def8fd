import { operators, type Shape, type Value } from '../../engine/index.js';
import type { Differentiable } from './engine-derivatives.js';

const o = operators;

const of = (shapes: readonly Shape[], build: (...inputs: Value[]) => Value): Differentiable => ({ shapes, build });

/** A bilinear or linear operator on two operands, with every way of broadcasting one to the other. */
function broadcasting(build: (a: Value, b: Value) => Value): Differentiable[] {
  const pairs: readonly (readonly [Shape, Shape])[] = [
    [
      [2, 3],
      [2, 3],
    ],
    [[2, 3], [3]],
    [[3], [2, 3]],
    [
      [2, 1],
      [1, 3],
    ],
    [
      [2, 1, 3],
      [4, 1],
    ],
    [[2, 3], []],
    [['batch', 1], ['sequence']],
  ];
  return [...pairs.map((shapes) => of(shapes, build)), of([[4]], (x) => build(x, x))];
}

function sum(axes: readonly number[], keepDims: boolean): (x: Value) => Value {
  return (x) => o.reduceSum(x, axes, keepDims);
}

/** The rows named by `indices` of `dims`, some more than once. */
function rows(indices: readonly number[], dims: readonly number[]): (table: Value) => Value {
  return (table) => o.gather(table, table.graph.constant(indices, 'int64', dims));
}

/** Functions that apply the operator, by its name in the table of rules. */
export const ruleCases: Readonly<Record<string, readonly Differentiable[]>> = {
  Add: broadcasting(o.add),
  Sub: broadcasting(o.subtract),
  Mul: broadcasting(o.multiply),
  Neg: [of([[2, 3]], o.negate)],
  Relu: [of([[3, 4]], o.relu)],
  Sigmoid: [of([[2, 3]], o.sigmoid)],
  Gelu: [of([[2, 3]], o.gelu), of([['batch', 2]], (x) => o.gelu(o.scale(x, -4)))],
  MatMul: [
    of(
      [
        [2, 3],
        [3, 4],
      ],
      o.matmul,
    ),
    of(
      [
        [2, 2, 3],
        [2, 3, 2],
      ],
      o.matmul,
    ),
    of(
      [
        [2, 2, 3],
        [3, 4],
      ],
      o.matmul,
    ),
    of(
      [
        [2, 3],
        [2, 3, 2],
      ],
      o.matmul,
    ),
    of(
      [
        [2, 1, 2, 3],
        [1, 2, 3, 2],
      ],
      o.matmul,
    ),
    of(
      [
        ['batch', 'sequence', 4],
        [4, 3],
      ],
      o.matmul,
    ),
    of(
      [
        ['batch', 2, 'sequence'],
        ['sequence', 3],
      ],
      o.matmul,
    ),
    of([[3, 3]], (x) => o.matmul(x, x)),
  ],
  Gemm: [
    of(
      [
        [2, 3],
        [3, 4],
      ],
      (a, b) => o.gemm(a, b, {}),
    ),
    of([[2, 3], [3, 4], [4]], (a, b, c) => o.gemm(a, b, { c })),
    of(
      [
        [2, 3],
        [4, 3],
      ],
      (a, b) => o.gemm(a, b, { transposeB: true }),
    ),
    of([[2, 3], [4, 3], [4]], (a, b, c) => o.gemm(a, b, { transposeB: true, c })),
    of(
      [
        [3, 2],
        [3, 4],
      ],
      (a, b) => o.gemm(a, b, { transposeA: true }),
    ),
    of([[3, 2], [3, 4], [4]], (a, b, c) => o.gemm(a, b, { transposeA: true, c })),
    of(
      [
        [3, 2],
        [4, 3],
      ],
      (a, b) => o.gemm(a, b, { transposeA: true, transposeB: true }),
    ),
    of([[3, 2], [4, 3], [4]], (a, b, c) => o.gemm(a, b, { transposeA: true, transposeB: true, c })),
    of(
      [
        ['batch', 3],
        [4, 3],
        ['batch', 4],
      ],
      (a, b, c) => o.gemm(a, b, { transposeB: true, c }),
    ),
    of([[3, 3]], (x) => o.gemm(x, x, { transposeA: true, c: x })),
  ],
  Concat: [
    of(
      [
        [2, 3],
        [1, 3],
      ],
      (a, b) => o.concat([a, b], 0),
    ),
    of(
      [
        [2, 1],
        [2, 3],
        [2, 2],
      ],
      (a, b, c) => o.concat([a, b, c], -1),
    ),
    of(
      [
        ['batch', 2, 2],
        ['batch', 1, 2],
      ],
      (a, b) => o.concat([a, b], 1),
    ),
    of([[2, 3]], (x) => o.concat([x, x], -1)),
    // One part of unknown length, first, last and between others: the product sums it up again.
    ...[
      [
        [2, 3],
        ['sequence', 3],
        [1, 3],
      ],
      [
        ['sequence', 3],
        [2, 3],
        [1, 3],
      ],
      [
        [2, 3],
        [1, 3],
        ['sequence', 3],
      ],
    ].map((shapes) => of(shapes, (...parts) => o.gemm(o.concat(parts, 0), o.concat(parts, 0), { transposeA: true }))),
  ],
  ReduceSum: [
    of([[2, 3]], sum([-1], true)),
    of([[2, 3]], sum([-1], false)),
    of([[2, 3]], sum([0], false)),
    of([[2, 3]], sum([0, 1], false)),
    of([[2, 3, 2]], sum([1], true)),
    of([[2, 3, 2]], sum([0, -1], false)),
    of([['batch', 'sequence']], sum([-1], false)),
    of([['batch', 4]], sum([0], false)),
  ],
  Transpose: [
    of([[2, 3]], (x) => o.transpose(x, [1, 0])),
    of([[2, 3, 4]], (x) => o.transpose(x, [2, 0, 1])),
    of([['batch', 'sequence', 2, 2]], (x) => o.transpose(x, [0, 2, 3, 1])),
  ],
  Reshape: [
    of([[2, 6]], (x) => o.reshape(x, [3, 4])),
    of([[1, 1]], (x) => o.reshape(x, [])),
    of([['batch', 6]], (x) => o.reshape(x, ['batch', 2, 3])),
    of(
      [
        ['batch*sequence', 4],
        ['batch', 'sequence', 5],
      ],
      (x, like) => o.reshape(x, ['batch', 'sequence', 2, 2], like),
    ),
    of([['batch', 'sequence', 4]], o.flatten),
  ],
  Gather: [
    of([[3, 2]], rows([0, 2, 2, 0, 2], [5])),
    of([[4, 2]], rows([3, 1, 1, 0], [2, 2])),
    of([[3]], rows([1, 1], [2])),
    of([[3, 2]], (x) => o.multiply(rows([0, 2, 2], [3])(x), rows([1, 2, 0], [3])(x))),
    of([[3, 2, 2]], rows([2], [1])),
    of([['batch*sequence', 2]], rows([5, 0, 5], [3])),
  ],
  Slice: [
    of([[2, 4]], (x) => o.slice(x, -1, 1, 3)),
    of([[2, 4]], (x) => o.slice(x, 1, 0, 2)),
    of([['batch', 2, 4]], (x) => o.slice(x, -1, 2, 4)),
    of([[3]], (x) => o.slice(x, -1, 0, 3)),
  ],
  Softmax: [of([[2, 4]], o.softmax), of([['batch', 2, 'sequence']], o.softmax)],
  ReduceLogSumExp: [of([[2, 4]], o.logSumExp), of([['batch', 2, 'sequence']], o.logSumExp)],
  LayerNormalization: [
    of([[3, 4], [4], [4]], (x, gain, bias) => o.layerNormalization(x, gain, bias, 1e-2).output),
    of([['batch', 2, 4], [4], [4]], (x, gain, bias) => o.layerNormalization(x, gain, bias, 1e-5).output),
  ],
  SimplifiedLayerNormalization: [
    of([[3, 4], [4]], (x, gain) => o.rmsNormalization(x, gain, 1e-2).output),
    of([['batch', 2, 4], [4]], (x, gain) => o.rmsNormalization(x, gain, 1e-5).output),
  ],
};
