import type { Dim, Node, Value } from '../graph/graph.js';
import {
  at,
  concat,
  END,
  expandLike,
  flatten,
  gather,
  gemm,
  matmul,
  padLast,
  reduceSum,
  reshape,
  scatterAddRows,
  slice,
  transpose,
  transposeLast,
  zeros,
} from '../graph/operators.js';
import { addTangents } from './elementwise.js';
import { inputAt, outputAt, reshapeLike, sumTo, type Rule, type Rules } from './rule.js';

/** An operator linear in its first input, the others being constants: its tangent is itself, applied to the input's tangent. */
function linear(apply: (node: Node, x: Value) => Value, transposed: (node: Node, cotangent: Value) => Value): Rule {
  return {
    vjp: (node, cotangent) => [transposed(node, cotangent)],
    jvp: (node, [tangent]) => {
      if (!tangent) throw new Error(`${node.op} is differentiated in its first input only`);
      return apply(node, tangent);
    },
  };
}

function intsOf(node: Node, name: string): readonly number[] {
  const attribute = node.attributes[name];
  if (!attribute || !('ints' in attribute)) throw new Error(`${node.op} has no integer list ${name}`);
  return attribute.ints;
}

function intOf(node: Node, name: string): number {
  const attribute = node.attributes[name];
  if (!attribute || !('int' in attribute)) throw new Error(`${node.op} has no integer ${name}`);
  return attribute.int;
}

/** The numbers of an input that is a constant of the graph. */
function constantAt(node: Node, index: number): readonly number[] {
  const value = inputAt(node, index);
  const constant = value.graph.constants.find((candidate) => candidate.value === value);
  if (!constant) throw new Error(`input ${index} of ${node.op} is not a constant`);
  return constant.data;
}

/** dA = G B^T, dB = A^T G; a matrix B shared by all batches takes the sum over them in one product. */
const matMul: Rule = {
  vjp: (node, cotangent, wanted) => {
    const [a, b] = [inputAt(node, 0), inputAt(node, 1)];
    const shared = b.shape.length === 2;
    return [
      wanted[0] ? sumTo(matmul(cotangent, transposeLast(b)), a.shape) : undefined,
      wanted[1]
        ? shared
          ? matmul(transpose(flatten(a), [1, 0]), flatten(cotangent))
          : sumTo(matmul(transposeLast(a), cotangent), b.shape)
        : undefined,
    ];
  },
  jvp: (node, [a, b]) => addTangents(a && matmul(a, inputAt(node, 1)), b && matmul(inputAt(node, 0), b)),
};

/** Y = op(A) op(B) + C: op(A)'s cotangent is G op(B)^T, op(B)'s op(A)^T G, each written without transposing a result. */
const generalProduct: Rule = {
  vjp: (node, g, wanted) => {
    const [a, b, c] = [inputAt(node, 0), inputAt(node, 1), node.inputs[2]];
    const [transposeA, transposeB] = [intOf(node, 'transA') === 1, intOf(node, 'transB') === 1];
    const toA = (): Value =>
      transposeA ? gemm(b, g, { transposeA: transposeB, transposeB: true }) : gemm(g, b, { transposeB: !transposeB });
    const toB = (): Value =>
      transposeB ? gemm(g, a, { transposeA: true, transposeB: transposeA }) : gemm(a, g, { transposeA: !transposeA });
    return [wanted[0] ? toA() : undefined, wanted[1] ? toB() : undefined, c && wanted[2] ? sumTo(g, c.shape) : undefined];
  },
  jvp: (node, [a, b, c]) => {
    const options = { transposeA: intOf(node, 'transA') === 1, transposeB: intOf(node, 'transB') === 1 };
    const first = a ? gemm(a, inputAt(node, 1), { ...options, c }) : c;
    return b ? gemm(inputAt(node, 0), b, { ...options, c: first }) : addTangents(first, undefined);
  },
};

/** Where the part of that index starts and ends among parts of which one may have an unknown length: what follows it is counted from the end. */
function placesOf(lengths: readonly Dim[], index: number): [number, number] {
  const total = (parts: readonly Dim[]): number => parts.reduce<number>((sum, length) => sum + Number(length), 0);
  const [start, end] = [total(lengths.slice(0, index)), total(lengths.slice(0, index + 1))];
  const after = total(lengths.slice(index + 1));
  return [Number.isNaN(start) ? -total(lengths.slice(index)) : start, !Number.isNaN(end) ? end : after === 0 ? END : -after];
}

const concatenate: Rule = {
  vjp: (node, cotangent, wanted) => {
    const axis = intOf(node, 'axis');
    const lengths = node.inputs.map((_, index) => at(inputAt(node, index).shape, axis));
    return lengths.map((length, index) => {
      const [start, end] = placesOf(lengths, index);
      return wanted[index] ? slice(cotangent, axis, start, end, length) : undefined;
    });
  },
  jvp: (node, tangents) => {
    const parts = tangents.map((tangent, index) => tangent ?? zeros(inputAt(node, index)));
    return concat(parts, intOf(node, 'axis'));
  },
};

const reducedSum: Rule = linear(
  (node, x) => reduceSum(x, constantAt(node, 1), intOf(node, 'keepdims') === 1),
  (node, cotangent) => {
    const x = inputAt(node, 0);
    const axes = new Set(constantAt(node, 1).map((axis) => (axis + x.shape.length) % x.shape.length));
    const kept = x.shape.map((dim, axis) => (axes.has(axis) ? 1 : dim));
    return expandLike(cotangent.shape.length === kept.length ? cotangent : reshape(cotangent, kept), x);
  },
);

export const linearRules: Rules = {
  MatMul: matMul,
  Gemm: generalProduct,
  Concat: concatenate,
  ReduceSum: reducedSum,
  Transpose: linear(
    (node, x) => transpose(x, intsOf(node, 'perm')),
    (node, cotangent) => {
      const permutation = intsOf(node, 'perm');
      return transpose(
        cotangent,
        permutation.map((_, axis) => permutation.indexOf(axis)),
      );
    },
  ),
  Reshape: linear(
    (node, x) => reshapeLike(x, outputAt(node, 0)),
    (node, cotangent) => reshapeLike(cotangent, inputAt(node, 0)),
  ),
  Gather: {
    ...linear(
      (node, table) => gather(table, inputAt(node, 1)),
      (node, cotangent) => scatterAddRows(zeros(inputAt(node, 0)), inputAt(node, 1), cotangent),
    ),
    // A tied embedding's gradient gets its few rows in place; a table of zeros and a sum would cost as much as the head.
    addVjp: (node, cotangent, total) => scatterAddRows(total, inputAt(node, 1), cotangent),
  },
  // Only the last axis is ever sliced (the halves of a rotary embedding).
  Slice: linear(
    (node, x) => slice(x, -1, constantAt(node, 1)[0] ?? 0, constantAt(node, 2)[0] ?? 0),
    (node, cotangent) => {
      const length = Number(at(inputAt(node, 0).shape, -1));
      return padLast(cotangent, constantAt(node, 1)[0] ?? 0, length - (constantAt(node, 2)[0] ?? 0));
    },
  ),
};
