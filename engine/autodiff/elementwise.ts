import type { Value } from '../graph/graph.js';
import { add, erf, exp, multiply, negate, scalar, scale, sign, subtract } from '../graph/operators.js';
import { inputAt, outputAt, sumTo, type Rule, type Rules } from './rule.js';

/** f(x): cotangent and tangent are both multiplied by f'. */
function unary(derivative: (x: Value, y: Value) => Value): Rule {
  return {
    vjp: (node, cotangent) => [multiply(cotangent, derivative(inputAt(node, 0), outputAt(node, 0)))],
    jvp: (node, [tangent]) => multiply(defined(tangent), derivative(inputAt(node, 0), outputAt(node, 0))),
  };
}

function defined(value: Value | undefined): Value {
  if (!value) throw new Error('a node with one input has its tangent');
  return value;
}

/** The sum of two tangents of which one may be zero. */
export function addTangents(a: Value | undefined, b: Value | undefined): Value {
  if (a && b) return add(a, b);
  return defined(a ?? b);
}

/** Phi(x) + x phi(x) with the normal distribution function Phi and density phi. From x alone, so nothing else is kept for it. */
function geluDerivative(x: Value): Value {
  const distribution = scale(add(scalar(x, 1), erf(scale(x, Math.SQRT1_2))), 0.5);
  const density = scale(exp(scale(multiply(x, x), -0.5)), (2 * Math.PI) ** -0.5);
  return add(distribution, multiply(x, density));
}

export const elementwiseRules: Rules = {
  Add: {
    vjp: (node, cotangent, wanted) => [0, 1].map((i) => (wanted[i] ? sumTo(cotangent, inputAt(node, i).shape) : undefined)),
    jvp: (_, [a, b]) => addTangents(a, b),
  },
  Sub: {
    vjp: (node, cotangent, wanted) => [
      wanted[0] ? sumTo(cotangent, inputAt(node, 0).shape) : undefined,
      wanted[1] ? negate(sumTo(cotangent, inputAt(node, 1).shape)) : undefined,
    ],
    jvp: (_, [a, b]) => (a && b ? subtract(a, b) : b ? negate(b) : defined(a)),
  },
  Mul: {
    vjp: (node, cotangent, wanted) => {
      const [a, b] = [inputAt(node, 0), inputAt(node, 1)];
      return [
        wanted[0] ? sumTo(multiply(cotangent, b), a.shape) : undefined,
        wanted[1] ? sumTo(multiply(cotangent, a), b.shape) : undefined,
      ];
    },
    jvp: (node, [a, b]) => addTangents(a && multiply(a, inputAt(node, 1)), b && multiply(inputAt(node, 0), b)),
  },
  Neg: { vjp: (_, cotangent) => [negate(cotangent)], jvp: (_, [x]) => negate(defined(x)) },
  Relu: unary((_, y) => sign(y)),
  Sigmoid: unary((_, y) => multiply(y, subtract(scalar(y, 1), y))),
  Gelu: unary(geluDerivative),
};
