import { operators as o, type Graph, type Shape, type Value } from '../../engine/index.js';

/** An operator's application, with its result worked by hand or by a plain formula. */
export interface OperatorCase {
  readonly inputs: readonly { readonly shape: Shape; readonly values: readonly number[] }[];
  readonly build: (graph: Graph, ...inputs: Value[]) => Value;
  readonly dims: readonly number[];
  readonly expected: readonly number[];
  /** ONNX Runtime gives what it saves for the gradient in float32 in any graph. */
  readonly float32Only?: boolean;
}

const input = (shape: Shape, ...values: number[]): OperatorCase['inputs'][number] => ({ shape, values });

function gives(
  dims: readonly number[],
  expected: readonly number[],
  inputs: OperatorCase['inputs'],
  build: OperatorCase['build'],
): OperatorCase {
  return { inputs, dims, expected, build };
}

const x23 = input([2, 3], 1, 2, 3, 4, 5, 6);
const row3 = input([3], 10, 20, 30);
const signed = input([4], -2, 0, 0.5, 3);
const counted = input([2, 2, 2], 0, 1, 2, 3, 4, 5, 6, 7);
const { E, LN2 } = Math;
/** Row [-1, 1] has mean 0 and variance 1, row [0, 4] mean 2 and variance 4; with epsilon 0 both become -1, 1. */
const pairs = input([2, 2], -1, 1, 0, 4);

/** By the operator function's name. */
export const operatorCases: Readonly<Record<string, readonly OperatorCase[]>> = {
  add: [gives([2, 3], [11, 22, 33, 14, 25, 36], [x23, row3], (_, a, b) => o.add(a, b))],
  subtract: [gives([2, 3], [9, 18, 27, 6, 15, 24], [row3, x23], (_, a, b) => o.subtract(a, b))],
  multiply: [gives([2, 3], [10, 40, 90, 40, 100, 180], [x23, row3], (_, a, b) => o.multiply(a, b))],
  divide: [
    gives([2, 3], [10, 10, 10, 2.5, 4, 5], [row3, x23], (_, a, b) => o.divide(a, b)),
    gives([3], [6, 3, 2], [row3], (_, x) => o.divide(60, x)),
  ],
  absolute: [gives([4], [2, 0, 0.5, 3], [signed], (_, x) => o.absolute(x))],
  square: [gives([4], [4, 0, 0.25, 9], [signed], (_, x) => o.square(x))],
  squareRoot: [gives([3], [0, 1.5, 4], [input([3], 0, 2.25, 16)], (_, x) => o.squareRoot(x))],
  negate: [gives([4], [2, -0, -0.5, -3], [signed], (_, x) => o.negate(x))],
  relu: [gives([4], [0, 0, 0.5, 3], [signed], (_, x) => o.relu(x))],
  sign: [gives([4], [-1, 0, 1, 1], [signed], (_, x) => o.sign(x))],
  sigmoid: [gives([3], [0.5, E / (1 + E), 1 / (1 + E)], [input([3], 0, 1, -1)], (_, x) => o.sigmoid(x))],
  exp: [gives([3], [1, E, 1 / E], [input([3], 0, 1, -1)], (_, x) => o.exp(x))],
  // Of tables: erf 0.3, 1 and 2 = 0.32862676, 0.84270079, 0.99532227 (Abramowitz and Stegun, table 7.1), here with Python's 16 digits.
  erf: [
    gives(
      [2, 4],
      [-0.3286267594591274, 0, 0.3286267594591274, 0.8427007929497149, 0.9953222650189527, 0.9999779095030014, 1, -1],
      [input([2, 4], -0.3, 0, 0.3, 1, 2, 3, 9, -40)],
      (_, x) => o.erf(x),
    ),
    gives([], [-0.8427007929497149], [input([], -1)], (_, x) => o.erf(x)),
  ],
  // x Phi(x): Phi(1) = 0.8413447460685429, Phi(2) = 0.9772498680518208, Phi(-3) = 0.0013498980316300957.
  gelu: [
    gives(
      [2, 3],
      [0, 0.8413447460685429, 1.9544997361036416, -0.15865525393145707, -0.004049694094890287, 30],
      [input([2, 3], 0, 1, 2, -1, -3, 30)],
      (_, x) => o.gelu(x),
    ),
  ],
  scalar: [gives([], [2.5], [signed], (_, x) => o.scalar(x, 2.5))],
  scale: [gives([4], [3, 0, -0.75, -4.5], [signed], (_, x) => o.scale(x, -1.5))],
  matmul: [
    gives([2, 2], [14, 20, 32, 44], [x23, input([3, 2], 1, 1, 2, 2, 3, 5)], (_, a, b) => o.matmul(a, b)),
    gives([2, 2, 1], [2, 8, 14, 20], [counted, input([2, 1], 1, 2)], (_, a, b) => o.matmul(a, b)),
  ],
  gemm: [
    gives([2, 2], [14, 20, 32, 44], [x23, input([3, 2], 1, 1, 2, 2, 3, 5)], (_, a, b) => o.gemm(a, b)),
    gives([2, 2], [24, 52, 42, 97], [x23, input([2], 10, 20)], (_, a, c) => o.gemm(a, a, { transposeB: true, c })),
    gives([3, 3], [17, 22, 27, 22, 29, 36, 27, 36, 45], [x23], (_, a) => o.gemm(a, a, { transposeA: true })),
  ],
  transpose: [
    gives([3, 2], [1, 4, 2, 5, 3, 6], [x23], (_, x) => o.transpose(x, [1, 0])),
    gives([2, 2, 2], [0, 2, 4, 6, 1, 3, 5, 7], [counted], (_, x) => o.transpose(x, [2, 0, 1])),
  ],
  transposeLast: [gives([2, 2, 2], [0, 2, 1, 3, 4, 6, 5, 7], [counted], (_, x) => o.transposeLast(x))],
  softmax: [gives([2, 2], [0.5, 0.5, 0.25, 0.75], [input([2, 2], 7, 7, 0, Math.log(3))], (_, x) => o.softmax(x))],
  logSumExp: [
    gives([2, 1], [LN2 + 5, Math.log(6)], [input([2, 3], 5, 5, -1e30, 0, LN2, Math.log(3))], (_, x) => o.logSumExp(x)),
    gives([1, 1], [1000 + LN2], [input([1, 2], 1000, 1000)], (_, x) => o.logSumExp(x)),
  ],
  reduceSum: [
    gives([2, 1], [6, 15], [x23], (_, x) => o.reduceSum(x, [-1], true)),
    gives([3], [5, 7, 9], [x23], (_, x) => o.reduceSum(x, [0], false)),
    gives([], [21], [x23], (_, x) => o.reduceSum(x, [0, 1], false)),
  ],
  sum: [gives([], [21], [x23], (_, x) => o.sum(x))],
  meanLast: [gives([2, 1], [2, 5], [x23], (_, x) => o.meanLast(x))],
  gather: [
    gives([3, 3], [4, 5, 6, 1, 2, 3, 4, 5, 6], [x23], (graph, x) => o.gather(x, graph.constant([1, 0, 1], 'int64', [3]))),
    gives([1, 2], [30, 10], [row3], (graph, x) => o.gather(x, graph.constant([2, 0], 'int64', [1, 2]))),
  ],
  scatterAddRows: [
    gives([2, 3], [1, 2, 3, 9, 12, 15], [x23], (graph, x) => o.scatterAddRows(x, graph.constant([1, 1], 'int64', [2]), x)),
    gives([3], [10, 27, 35], [row3, input([3], 3, 5, 4)], (graph, x, rows) =>
      o.scatterAddRows(x, graph.constant([1, 2, 1], 'int64', [3]), rows),
    ),
  ],
  zeros: [gives([2, 3], [0, 0, 0, 0, 0, 0], [x23], (_, x) => o.zeros(x))],
  shapeOf: [gives([2], [2, 3], [x23], (_, x) => o.shapeOf(x)), gives([1], [3], [x23], (_, x) => o.shapeOf(x, 1, 2))],
  concat: [
    gives([3, 3], [10, 20, 30, 1, 2, 3, 4, 5, 6], [x23, input([1, 3], 10, 20, 30)], (_, a, b) => o.concat([b, a], 0)),
    gives([2, 4], [1, 2, 3, 8, 4, 5, 6, 9], [x23, input([2, 1], 8, 9)], (_, a, b) => o.concat([a, b], -1)),
  ],
  slice: [
    gives([2, 2], [2, 3, 5, 6], [x23], (_, x) => o.slice(x, -1, 1, 3)),
    gives([1, 3], [4, 5, 6], [x23], (_, x) => o.slice(x, 0, 1, 2)),
    gives([2, 2], [2, 3, 5, 6], [x23], (_, x) => o.slice(x, -1, -2, o.END, 2)),
    gives([2, 1], [2, 5], [x23], (_, x) => o.slice(x, -1, 1, -1, 1)),
  ],
  padLast: [gives([2, 5], [0, 1, 2, 3, 0, 0, 4, 5, 6, 0], [x23], (_, x) => o.padLast(x, 1, 1))],
  reshape: [
    gives([3, 2], [1, 2, 3, 4, 5, 6], [x23], (_, x) => o.reshape(x, [3, 2])),
    gives([2, 1, 3], [1, 2, 3, 4, 5, 6], [input(['batch', 3], 1, 2, 3, 4, 5, 6)], (_, x) => o.reshape(x, ['batch', 1, 3])),
  ],
  flatten: [
    gives([4, 2], [0, 1, 2, 3, 4, 5, 6, 7], [counted], (_, x) => o.flatten(x)),
    gives([2, 3], [1, 2, 3, 4, 5, 6], [input(['batch', 1, 'sequence'], 1, 2, 3, 4, 5, 6)], (_, x) => o.flatten(x)),
  ],
  expandLike: [
    gives([2, 3], [10, 20, 30, 10, 20, 30], [row3, x23], (_, x, like) => o.expandLike(x, like)),
    gives([2, 3], [7, 7, 7, 8, 8, 8], [input([2, 1], 7, 8), x23], (_, x, like) => o.expandLike(x, like)),
  ],
  layerNormalization: [
    gives(
      [2, 2],
      [-1, 13, -1, 13],
      [pairs, input([2], 2, 3), input([2], 1, 10)],
      (_, x, gain, bias) => o.layerNormalization(x, gain, bias, 0).output,
    ),
    {
      ...gives(
        [2, 1],
        [0, 2],
        [pairs, input([2], 2, 3), input([2], 1, 10)],
        (_, x, gain, bias) => o.layerNormalization(x, gain, bias, 0).mean,
      ),
      float32Only: true,
    },
    {
      ...gives(
        [2, 1],
        [0.5, 7 ** -0.5],
        [pairs, input([2], 2, 3), input([2], 1, 10)],
        (_, x, gain, bias) => o.layerNormalization(x, gain, bias, 3).inverseDeviation,
      ),
      float32Only: true,
    },
  ],
  rmsNormalization: [
    gives(
      [2, 2],
      [6 / 5, 12 / 5, 0, 3],
      [input([2, 2], 3, 4, 0, 5), input([2], 2, 3)],
      (_, x, gain) => o.rmsNormalization(x, gain, 12.5).output,
    ),
    {
      ...gives(
        [2, 1],
        [1 / 5, 1 / 5],
        [input([2, 2], 3, 4, 0, 5), input([2], 2, 3)],
        (_, x, gain) => o.rmsNormalization(x, gain, 12.5).inverseRoot,
      ),
      float32Only: true,
    },
  ],
};
