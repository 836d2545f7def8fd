import { describe, expect, test } from '@jest/globals';
import { jvp, rules, vjp } from '../../../engine/autodiff/index.js';
import { Graph, operators, type Value } from '../../../engine/index.js';
import type { Real } from '../../../engine/index.js';
import {
  differenceJacobians,
  forward,
  graphOf,
  pointsFor,
  reverse,
  sizeOf,
  type Differentiable,
} from '../../support/engine-derivatives.js';
import { evaluate } from '../../support/engine-graphs.js';
import { arbitrary, dot, farthest } from '../../support/engine-numbers.js';
import { ruleCases } from '../../support/engine-rule-cases.js';

const { add, matmul, multiply, negate, reduceSum, relu, scale, sigmoid, sign, softmax } = operators;

/** Central differences in float64 with step 1e-5 of functions near 1: truncation 1e-10, rounding 1e-11; times a dozen terms. */
const DIFFERENCES = 1e-8;
/** What saves its statistics for the gradient does so in float32 whatever the graph computes in: its derivatives are float32's. */
const DIFFERENCES_FLOAT32 = 1e-5;
const inFloat32 = new Set(['LayerNormalization', 'SimplifiedLayerNormalization']);
/** Reverse and forward mode do the same sums in another order. */
const TRANSPOSED = { float64: 1e-13, float32: 1e-5 } as const;

const cases = Object.entries(ruleCases).flatMap(([op, functions]) =>
  functions.map((f) => {
    const real: Real = inFloat32.has(op) ? 'float32' : 'float64';
    return { op, f, shapes: f.shapes.map((shape) => `[${shape.join(', ')}]`).join(' '), real };
  }),
);

/** All inputs together, and each alone. */
function subsets({ shapes }: Differentiable): number[][] {
  const all = [...shapes.keys()];
  return all.length === 1 ? [all] : [all, ...all.map((index) => [index])];
}

function close(real: Real): number {
  return real === 'float32' ? DIFFERENCES_FLOAT32 : DIFFERENCES;
}

test('every rule is checked', () => {
  expect(Object.keys(ruleCases).sort()).toEqual(Object.keys(rules).sort());
  for (const { op, f } of cases) expect(graphOf(f).graph.nodes.map((node) => node.op)).toContain(op);
});

describe.each(cases)('$op of $shapes', ({ f, real }) => {
  test('has the reverse and the forward derivative that finite differences give, in all inputs and in each', async () => {
    const points = pointsFor(f, 100);
    const tangents = pointsFor(f, 200);
    const cotangent = arbitrary(sizeOf(graphOf(f).output), 300);
    const jacobians = await differenceJacobians(f, points);
    for (const subset of subsets(f)) {
      const gradients = await reverse(f, points, cotangent, subset, real);
      gradients.forEach((gradient, index) => {
        const expected = (jacobians[subset[index] ?? NaN] ?? []).map((column) => dot(cotangent, column));
        expect(farthest(gradient, expected)).toBeLessThan(close(real));
      });
      const derivative = await forward(f, points, tangents, subset, real);
      const expected = cotangent.map((_, i) =>
        subset.reduce(
          (sum, input) =>
            sum +
            dot(
              tangents[input] ?? [],
              (jacobians[input] ?? []).map((column) => column[i] ?? NaN),
            ),
          0,
        ),
      );
      expect(farthest(derivative, expected)).toBeLessThan(close(real));
      const transposed = subset.reduce((sum, input, index) => sum + dot(gradients[index] ?? [], tangents[input] ?? []), 0);
      expect(Math.abs(transposed - dot(cotangent, derivative))).toBeLessThan(TRANSPOSED[real]);
    }
  });
});

describe('a chain of operators', () => {
  // h is used three times, and W on both sides of a product.
  const chain: Differentiable = {
    shapes: [[3, 4], [4, 4], [4]],
    build: (x: Value, w: Value, b: Value) => {
      const h = relu(add(matmul(x, w), b));
      const gated = multiply(h, sigmoid(h));
      return reduceSum(multiply(softmax(add(gated, h)), matmul(h, matmul(w, w))), [-1], false);
    },
  };

  test('where values are used several times adds up what each use gives', async () => {
    const points = pointsFor(chain, 7);
    const tangents = pointsFor(chain, 17);
    const cotangent = [0.5, -1, 2];
    const jacobians = await differenceJacobians(chain, points);
    const gradients = await reverse(chain, points, cotangent, [0, 1, 2], 'float64');
    gradients.forEach((gradient, input) => {
      const expected = (jacobians[input] ?? []).map((column) => dot(cotangent, column));
      expect(farthest(gradient, expected)).toBeLessThan(10 * DIFFERENCES);
    });
    const derivative = await forward(chain, points, tangents, [0, 1, 2], 'float64');
    const transposed = gradients.reduce((sum, gradient, input) => sum + dot(gradient, tangents[input] ?? []), 0);
    expect(Math.abs(dot(cotangent, derivative) - transposed)).toBeLessThan(10 * TRANSPOSED.float64);
  });
});

describe('reverse mode', () => {
  test('adds the cotangents of several outputs, one of them on the way to the other', async () => {
    const graph = new Graph();
    const x = graph.input('x', 'real', [2]);
    const y = scale(x, 3);
    const z = multiply(y, y);
    const [gradient] = vjp(graph, new Map([y, z].map((value, index) => [value, graph.constant([index + 1, 1], 'real', [2])])), [x]);
    if (!gradient) throw new Error('z depends on x');
    graph.output('gradient', gradient);
    // dy: [1, 1] . 3; dz: [2, 1] . 18 x
    expect((await evaluate(graph, 'float64', { x: [1, -2] })).gradient).toEqual([3 + 36, 3 - 36]);
  });

  test('gives the cotangent of a value in the middle, and nothing where there is no influence', () => {
    const graph = new Graph();
    const [x, other] = [graph.input('x', 'real', [2]), graph.input('other', 'real', [2])];
    const y = negate(x);
    const z = add(y, y);
    const seed = graph.input('u', 'real', [2]);
    const [ofY, ofOther] = vjp(graph, new Map([[z, seed]]), [y, other]);
    expect(ofY?.shape).toEqual([2]);
    expect(ofOther).toBeUndefined();
    expect(graph.nodes.filter(({ op }) => op === 'Neg')).toHaveLength(1); // nothing was differentiated beyond y
  });
});

describe('forward mode', () => {
  test('gives no tangent where the moving value has no influence', () => {
    const graph = new Graph();
    const [x, other] = [graph.input('x', 'real', [2]), graph.input('other', 'real', [2])];
    const [tangent] = jvp(graph, new Map([[x, graph.input('v', 'real', [2])]]), [negate(other)]);
    expect(tangent).toBeUndefined();
  });
});

test('an operator without a rule is named', () => {
  const graph = new Graph();
  const x = graph.input('x', 'real', [2]);
  const y = sign(x);
  const u = graph.input('u', 'real', [2]);
  expect(() => vjp(graph, new Map([[y, u]]), [x])).toThrow('Sign has no derivative');
  expect(() => jvp(graph, new Map([[x, u]]), [y])).toThrow('Sign has no derivative');
});
