import { afterAll, describe, expect, test } from '@jest/globals';
import {
  byKind,
  CHUNK,
  cpuBackend,
  FactoredMatrices,
  FactorBuffer,
  factoring,
  isMatrix,
  matrixProgram,
  operators,
  orthonormalVectors,
  Parameters,
  ForwardRunner,
  type Direction,
  type Factor,
  type FactorShape,
  type Parameter,
} from '../../../engine/index.js';
import { lossOf, tinyBatch, tinyModel } from '../../support/engine-models.js';
import { arbitrary, dot, farthest } from '../../support/engine-numbers.js';
import { multiply, noiseMatrix, transposed, type Matrix } from '../../support/plain-matrices.js';

/** Sums of at most 9 products of numbers below 4 in float32, of noise right to 1e-6. */
const CLOSE = 1e-4;
const SEED = 5;
const RANK = 9;

const shapes = {
  wide: [3, CHUNK + 77],
  /** The rows of a chunk have more numbers in the left factor than a chunk holds. */
  narrow: [1500, 8],
  square: [130, 45],
} as const;
type Name = keyof typeof shapes;
const names = Object.keys(shapes) as Name[];

const parameters = new Parameters();
for (const name of names) parameters.add(name, shapes[name], true);
const bias = parameters.add('bias', [7], true);
const matrices = new FactoredMatrices(parameters, ({ shape: [rows = 1, columns = 1] }) => factoring(rows, columns, RANK));
const left = filled(matrices.allocate(['rows', 'rank']));
const right = filled(matrices.allocate(['rank', 'columns']));
const room = parameters.heap.allocate(Math.max(...parameters.all.map(({ count }) => count)));

/** Any numbers of normal size, fewer than the factors have room for. */
function filled(factor: Factor): Factor {
  for (const { parameter, rows, columns, rank } of matrices.all) {
    const count = Math.min(rows, columns) * rank;
    parameters.heap.floats(parameters.buffer(factor.arrays, parameter), count).set(arbitrary(count, 3));
  }
  return factor;
}

function stored(factor: Factor, name: string, rows: number, columns: number): Matrix {
  const values = parameters.heap.floats(parameters.buffer(factor.arrays, parameters.get(name)), rows * columns);
  return Array.from({ length: rows }, (_, row) => [...values.subarray(row * columns, (row + 1) * columns)]);
}

function written(parameter: Parameter, direction: Direction, first = 0, count = parameter.count): number[] {
  parameters.writeDirection(parameter, first, count, direction, room);
  return [...parameters.heap.floats(room, count)];
}

const products = [
  {
    of: 'stored factors',
    direction: matrices.product(left, matrices.stored(right)),
    u: (name: Name, r: number) => stored(left, name, shapes[name][0], r),
  },
  {
    of: "a seed's noise and a stored factor",
    direction: matrices.product(SEED, matrices.stored(right)),
    u: (name: Name, r: number) => noiseMatrix(SEED, { name }, shapes[name][0], r),
  },
];

describe.each(products)('the product of $of', ({ direction, u }) => {
  test.each(names)('is that of plain loops (%s)', (name) => {
    const [rows, columns] = shapes[name];
    const rank = Math.min(RANK, rows, columns);
    const expected = multiply(u(name, rank), stored(right, name, rank, columns)).flat();
    expect(expected.some((value) => Math.abs(value) > 1)).toBe(true);
    expect(farthest(written(parameters.get(name), direction), expected)).toBeLessThan(CLOSE);
  });

  test.each(names)('is the same whole, in parts, and row by row as embeddings are asked for, bit for bit (%s)', (name) => {
    const parameter = parameters.get(name);
    const whole = written(parameter, direction);
    const [rows, columns] = shapes[name];
    const parts = [[1, CHUNK], [3, 2], [columns - 1, 3], ...[rows - 1, 0, 1].map((row) => [row * columns, columns])] as [number, number][];
    for (const [first, count] of parts) expect(written(parameter, direction, first, count)).toEqual(whole.slice(first, first + count));
  });

  test('does not move biases and norms', () => {
    expect(matrices.all.map(({ parameter }) => parameter.name)).toEqual(names);
    expect(parameters.isMoved(bias, direction)).toBe(false);
    expect(written(bias, direction)).toEqual(new Array(7).fill(0));
    const both = byKind(direction, SEED);
    expect(written(bias, both)).toEqual(written(bias, SEED));
    expect(written(parameters.get('square'), both)).toEqual(written(parameters.get('square'), direction));
  });
});

test('factors take (rows + columns) rank numbers, and directions of them nothing', () => {
  const top = (): number => parameters.heap.allocate(0);
  const before = top();
  matrices.allocate(['rows', 'rank']);
  matrices.allocate(['rank', 'columns']);
  const after = top();
  const numbers = names.reduce((sum, name) => sum + (shapes[name][0] + shapes[name][1]) * Math.min(RANK, ...shapes[name]), 0);
  const alignment = 2 * names.length * 64;
  expect(after - before).toBeLessThanOrEqual(4 * numbers + alignment);
  parameters.move(products[1]?.direction ?? SEED, 0);
  expect(top()).toBe(after);
});

test('the rank is at most that of the matrix', () => {
  expect(factoring(3, 5, 2)).toEqual({ rows: 3, columns: 5, rank: 2 });
  expect(factoring(3, 5, 4).rank).toBe(3);
  expect(factoring(5, 2, 4).rank).toBe(2);
  expect(() => matrices.of(bias)).toThrow('bias is not factored');
});

test('a room for one factor at a time gives each direction its own, whatever the order', () => {
  const negative = matrixProgram({ u: ['rank', 'columns'] }, [], ({ u }) => ({ x: operators.negate(u) }));
  const shared = new FactorBuffer(matrices, [{ program: negative, noise: ['u'] }]);
  const [square, narrow] = [parameters.get('square'), parameters.get('narrow')];
  const one = matrices.product(left, shared.drawn(SEED));
  const two = matrices.product(
    left,
    shared.made(() => negative.on({ u: SEED })),
  );
  const first = written(square, one);
  const second = written(square, two);
  expect(second).not.toEqual(first);
  expect(written(square, one)).toEqual(first);
  written(narrow, one);
  written(narrow, one, 5, 10);
  expect(written(square, one)).toEqual(first);
  expect(second).toEqual(first.map((value) => 0 - value));
  const drawn = matrices.allocate(['rank', 'columns']);
  matrices.draw(drawn, SEED);
  expect(written(square, matrices.product(left, matrices.stored(drawn)))).toEqual(first);
});

test('orthonormal vectors are the Q factor of the noise, with a positive diagonal', () => {
  const [count, length] = [12, 12];
  const vectors = orthonormalVectors(count, length, SEED, 'square');
  vectors.forEach((vector, i) => vectors.forEach((other, j) => expect(dot(vector, other)).toBeCloseTo(i === j ? 1 : 0, 10)));
  noiseMatrix(SEED, { name: 'square' }, count, length).forEach((row, k) => {
    vectors.slice(k + 1).forEach((later) => expect(dot(row, later)).toBeCloseTo(0, 10));
    expect(dot(row, vectors[k] ?? [])).toBeGreaterThan(0);
  });
});

test.each<[FactorShape, (rows: Matrix) => Matrix]>([
  [['rank', 'columns'], (rows) => rows],
  [['rows', 'rank'], transposed],
])('an orthonormal factor [%s] has the vectors along its longer side', (shape, arranged) => {
  const factor = matrices.allocate(shape);
  matrices.drawOrthonormal(factor, SEED);
  const { rows, columns } = matrices.of(parameters.get('square'));
  const length = shape[0] === 'rank' ? columns : rows;
  const vectors = orthonormalVectors(RANK, length, SEED, 'square').map((vector) => [...vector].map(Math.fround));
  const made = parameters.heap.floats(parameters.buffer(factor.arrays, parameters.get('square')), RANK * length);
  expect([...made]).toEqual(arranged(vectors).flat());
});

describe('a model', () => {
  const backend = cpuBackend(1);
  const model = tinyModel('opt');
  const runner = new ForwardRunner(backend, model.parameters);
  afterAll(() => runner.release());

  test('has the loss along a low-rank direction that it has along the same one stored', async () => {
    const factored = new FactoredMatrices(model.parameters, ({ shape: [rows = 1, columns = 1] }) => factoring(rows, columns, 2));
    const v = factored.allocate(['rank', 'columns']);
    for (const { parameter, rank, columns } of factored.all) {
      model.parameters.heap.floats(model.parameters.buffer(v.arrays, parameter), rank * columns).set(arbitrary(rank * columns, 4));
    }
    const direction = byKind(factored.product(SEED, factored.stored(v)), SEED);
    const arrays = model.parameters.allocateBuffers();
    model.parameters.materialise(direction, arrays);
    const losses = async (along: Direction): Promise<number[]> => {
      const made = await runner.run(model.stages('tokens'), tinyBatch(model), [
        { direction: along, scale: 0.1 },
        { direction: along, scale: -0.1 },
      ]);
      return made.map(lossOf);
    };
    expect(await losses(direction)).toEqual(await losses(arrays));
    expect(model.parameters.trainable.some(isMatrix)).toBe(true);
  });
});
