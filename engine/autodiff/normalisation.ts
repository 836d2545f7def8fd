import type { Node, Value } from '../graph/graph.js';
import { add, meanLast, multiply, reduceSum, softmax, subtract } from '../graph/operators.js';
import { inputAt, outputAt, sumTo, type Rule, type Rules } from './rule.js';

const sumLast = (x: Value): Value => reduceSum(x, [-1], true);

/** J^T g = J g = y (g - sum(g y)) */
function softmaxDerivative(node: Node, direction: Value): Value {
  const y = outputAt(node, 0);
  return multiply(y, subtract(direction, sumLast(multiply(direction, y))));
}

/** Layer normalisation: y = n gain + bias with n = (x - mean) r and r = 1 / deviation. */
const layerNormalization: Rule = {
  vjp: (node, cotangent, wanted) => {
    const [x, gain, bias] = [inputAt(node, 0), inputAt(node, 1), inputAt(node, 2)];
    const normalised = centred(node, x);
    return [
      wanted[0] ? centredDerivative(node, normalised, multiply(cotangent, gain)) : undefined,
      wanted[1] ? sumTo(multiply(cotangent, normalised), gain.shape) : undefined,
      wanted[2] ? sumTo(cotangent, bias.shape) : undefined,
    ];
  },
  jvp: (node, [x, gain, bias]) => {
    const normalised = centred(node, inputAt(node, 0));
    return sum(x && multiply(centredDerivative(node, normalised, x), inputAt(node, 1)), gain && multiply(normalised, gain), bias);
  },
};

function centred(node: Node, x: Value): Value {
  return multiply(subtract(x, outputAt(node, 1)), outputAt(node, 2));
}

/** The Jacobian of x -> n is symmetric: v -> r (v - mean(v) - n mean(v n)). */
function centredDerivative(node: Node, normalised: Value, v: Value): Value {
  const projected = multiply(normalised, meanLast(multiply(v, normalised)));
  return multiply(subtract(subtract(v, meanLast(v)), projected), outputAt(node, 2));
}

/** Root-mean-square normalisation: y = n gain with n = x r and r = 1 / sqrt(mean(x^2) + epsilon). */
const rmsNormalization: Rule = {
  vjp: (node, cotangent, wanted) => {
    const gain = inputAt(node, 1);
    const normalised = multiply(inputAt(node, 0), outputAt(node, 1));
    return [
      wanted[0] ? rmsDerivative(node, normalised, multiply(cotangent, gain)) : undefined,
      wanted[1] ? sumTo(multiply(cotangent, normalised), gain.shape) : undefined,
    ];
  },
  jvp: (node, [x, gain]) => {
    const normalised = multiply(inputAt(node, 0), outputAt(node, 1));
    return sum(x && multiply(rmsDerivative(node, normalised, x), inputAt(node, 1)), gain && multiply(normalised, gain));
  },
};

/** v -> r (v - n mean(v n)), symmetric too. */
function rmsDerivative(node: Node, normalised: Value, v: Value): Value {
  return multiply(subtract(v, multiply(normalised, meanLast(multiply(v, normalised)))), outputAt(node, 1));
}

function sum(...terms: readonly (Value | undefined)[]): Value {
  return terms.filter((term) => term !== undefined).reduce(add);
}

export const normalisationRules: Rules = {
  Softmax: {
    vjp: (node, cotangent) => [softmaxDerivative(node, cotangent)],
    jvp: (node, [x]) => softmaxDerivative(node, x ?? outputAt(node, 0)),
  },
  ReduceLogSumExp: {
    vjp: (node, cotangent) => [multiply(softmax(inputAt(node, 0)), cotangent)],
    jvp: (node, [x]) => sumLast(multiply(softmax(inputAt(node, 0)), x ?? inputAt(node, 0))),
  },
  LayerNormalization: layerNormalization,
  SimplifiedLayerNormalization: rmsNormalization,
};
