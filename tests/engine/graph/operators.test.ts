import { describe, expect, test } from '@jest/globals';
import { cpuBackend, Graph, operators } from '../../../engine/index.js';
import type { Real } from '../../../engine/index.js';
import { dimsOf, evaluate, realTensor } from '../../support/engine-graphs.js';
import { farthest } from '../../support/engine-numbers.js';
import { operatorCases, type OperatorCase } from '../../support/engine-operator-cases.js';

/** Some units in the last place of the largest number of a result. */
const ROUNDING: Readonly<Record<Real, number>> = { float32: 2 ** -21, float64: 2 ** -50 };

const cases = Object.entries(operatorCases).flatMap(([name, list]) =>
  list.flatMap((operatorCase, index) =>
    (['float32', 'float64'] as const)
      .filter((real) => real === 'float32' || !operatorCase.float32Only)
      .map((real) => ({ name, number: index + 1, real, operatorCase })),
  ),
);

async function resultOf({ inputs, build }: OperatorCase, real: Real) {
  const graph = new Graph();
  const values = inputs.map(({ shape }, index) => graph.input(`x${index}`, 'real', shape));
  const y = build(graph, ...values);
  graph.output('y', y);
  const session = await cpuBackend(1).compile(graph, real);
  const feeds = inputs.map(({ shape, values: numbers }, index) => [`x${index}`, realTensor(real, dimsOf(shape), numbers)] as const);
  const made = (await session.run(Object.fromEntries(feeds))).y;
  await session.release();
  return { inferred: dimsOf(y.shape), dims: made?.dims, numbers: Array.from(made?.data ?? [], Number) };
}

test('every operator is checked', () => {
  const helpers = ['at', 'END'];
  expect([...Object.keys(operatorCases), ...helpers].sort()).toEqual(Object.keys(operators).sort());
});

test.each(cases)('$name, case $number, gives in $real the numbers and the shape worked by hand', async ({ real, operatorCase }) => {
  const { inferred, dims, numbers } = await resultOf(operatorCase, real);
  const largest = Math.max(1, ...operatorCase.expected.map(Math.abs));
  expect(farthest(numbers, operatorCase.expected)).toBeLessThan(ROUNDING[real] * largest);
  expect(dims).toEqual(operatorCase.dims);
  expect(inferred).toEqual(operatorCase.dims);
});

describe('reshape', () => {
  const shaped = (shape: readonly (number | string)[]) => new Graph().input('x', 'real', shape);

  test('keeps a named axis where it stands and finds one other', () => {
    const x = shaped(['batch', 'sequence', 2, 3]);
    expect(operators.reshape(x, ['batch', 'sequence', 6]).shape).toEqual(['batch', 'sequence', 6]);
    expect(operators.reshape(x, ['batch*sequence', 6]).shape).toEqual(['batch*sequence', 6]);
    expect(operators.reshape(x, ['batch', '2*sequence', 3]).shape).toEqual(['batch', '2*sequence', 3]);
  });

  test('cannot find two named axes by itself, and says so', () => {
    expect(() => operators.reshape(shaped(['batch*sequence', 4]), ['batch', 'sequence', 2, 2])).toThrow(
      'cannot tell the lengths of [batch, sequence, 2, 2] from [batch*sequence, 4]',
    );
  });

  test('reads them from another value that starts with them', () => {
    const graph = new Graph();
    const x = graph.input('x', 'real', ['batch*sequence', 4]);
    const like = graph.input('like', 'real', ['batch', 'sequence', 7]);
    const other = graph.input('other', 'real', ['sequence', 'batch']);
    expect(operators.reshape(x, ['batch', 'sequence', 2, 2], like).shape).toEqual(['batch', 'sequence', 2, 2]);
    expect(() => operators.reshape(x, ['batch', 'sequence', 4], other)).toThrow(
      '[batch, sequence, 4] does not start like [sequence, batch]',
    );
  });

  test('with lengths read when the graph runs keeps the elements in order', async () => {
    const graph = new Graph();
    const x = graph.input('x', 'real', ['batch*sequence', 2]);
    const like = graph.input('like', 'real', ['batch', 'sequence', 1]);
    graph.output('y', operators.transpose(operators.reshape(x, ['batch', 'sequence', 2], like), [1, 0, 2]));
    const numbers = Array.from({ length: 12 }, (_, i) => i);
    const { y } = await evaluate(graph, 'float32', { x: numbers, like: [0, 0, 0, 0, 0, 0] });
    expect(y).toEqual([0, 1, 6, 7, 2, 3, 8, 9, 4, 5, 10, 11]);
  });
});

describe('what cannot be is refused in one line that shows the shapes', () => {
  const graph = new Graph();
  const [x, y, vector] = [graph.input('x', 'real', [2, 3]), graph.input('y', 'real', ['n', 4]), graph.input('vector', 'real', [3])];

  test.each([
    ['a product of matrices that do not fit', () => operators.matmul(x, y), 'cannot multiply matrices [2, 3] and [n, 4]'],
    ['a product with a vector', () => operators.matmul(x, vector), 'cannot multiply matrices [2, 3] and [3]'],
    ['a sum of shapes that do not fit', () => operators.add(x, y), 'shapes [2, 3] and [n, 4] do not broadcast together'],
    ['an axis that is not there', () => operators.transpose(x, [0, 2]), '[2, 3] has no axis 2'],
    ['a concatenation of nothing', () => operators.concat([], 0), 'concat needs a value'],
  ])('%s', (_, build, message) => {
    expect(build).toThrow(message);
  });
});
