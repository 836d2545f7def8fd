import { describe, expect, test } from '@jest/globals';
import { cpuBackend, floats, Graph, integers, operators } from '../../../engine/index.js';
import { evaluate } from '../../support/engine-graphs.js';

const { add, gather, layerNormalization, multiply, negate, reduceSum, relu } = operators;
const backend = cpuBackend(1);

describe('a compiled graph', () => {
  test('puts out under its name what is an input, a constant, or a value used further and put out twice', async () => {
    const graph = new Graph();
    const x = graph.input('x', 'real', [2]);
    const y = multiply(x, x);
    graph.output('input', x);
    graph.output('constant', graph.constant([3, 4], 'real', [2]));
    graph.output('square', y);
    graph.output('again', y);
    graph.output('sum', add(y, x));
    expect(await evaluate(graph, 'float32', { x: [2, -3] })).toEqual({
      input: [2, -3],
      constant: [3, 4],
      square: [4, 9],
      again: [4, 9],
      sum: [6, 6],
    });
  });

  test('puts out what a node gives beside its first output', async () => {
    const graph = new Graph();
    const ones = graph.constant([1, 1], 'real', [2]);
    const { mean, inverseDeviation } = layerNormalization(graph.input('x', 'real', [1, 2]), ones, ones, 0);
    graph.output('mean', mean);
    graph.output('inverse', inverseDeviation);
    expect(await evaluate(graph, 'float32', { x: [1, 5] })).toEqual({ mean: [3], inverse: [0.5] });
  });

  test('takes integers as they are, above 2^53 too', async () => {
    const graph = new Graph();
    const ids = graph.input('ids', 'int64', ['n']);
    graph.output('same', ids);
    graph.output('rows', gather(graph.constant([10, 20, 30], 'real', [3]), ids));
    const session = await backend.compile(graph);
    const { same, rows } = await session.run({ ids: integers([2], [2, 0]) });
    expect(same?.data).toEqual(BigInt64Array.of(2n, 0n));
    expect(rows?.data).toEqual(Float32Array.of(30, 10));
    await session.release();
    const copy = new Graph();
    copy.output('same', copy.input('ids', 'int64', [1]));
    const plain = await backend.compile(copy);
    const large = await plain.run({ ids: { type: 'int64', dims: [1], data: BigInt64Array.of(2n ** 60n + 1n) } });
    expect(large.same?.data).toEqual(BigInt64Array.of(2n ** 60n + 1n));
    await plain.release();
  });

  test('runs at any length of its named axes', async () => {
    const graph = new Graph();
    graph.output('sum', reduceSum(graph.input('x', 'real', ['n', 2]), [0], false));
    const session = await backend.compile(graph);
    for (const n of [1, 4, 2]) {
      const { sum } = await session.run({ x: floats([n, 2], new Float32Array(2 * n).fill(1.5)) });
      expect(sum?.data).toEqual(Float32Array.of(1.5 * n, 1.5 * n));
    }
    await session.release();
  });

  test('writes an output where it is told to, the others into new memory, and reads inputs where they lie', async () => {
    const graph = new Graph();
    const x = graph.input('x', 'real', [3]);
    graph.output('negative', negate(x));
    graph.output('positive', relu(x));
    const session = await backend.compile(graph);
    const numbers = Float32Array.of(1, -2, 3);
    const memory = new Float32Array(5).fill(77);
    const run = () => session.run({ x: floats([3], numbers) }, { negative: floats([3], memory.subarray(1, 4)) });
    expect((await run()).positive?.data).toEqual(Float32Array.of(1, 0, 3));
    expect(memory).toEqual(Float32Array.of(77, -1, 2, -3, 77));
    numbers[1] = 5;
    await run();
    expect(memory).toEqual(Float32Array.of(77, -1, -5, -3, 77));
    await session.release();
  });

  test('keeps constants of either precision', async () => {
    const build = (): Graph => {
      const graph = new Graph();
      graph.output('third', operators.scale(graph.input('x', 'real', [1]), 1 / 3));
      return graph;
    };
    expect((await evaluate(build(), 'float64', { x: [1] })).third).toEqual([1 / 3]);
    expect((await evaluate(build(), 'float32', { x: [1] })).third).toEqual([Math.fround(1 / 3)]);
  });
});

test('the backend says what it is', () => {
  expect(backend).toMatchObject({ name: 'onnxruntime-cpu', threads: 1 });
  expect(backend.version).toMatch(/^\d+\.\d+\.\d+/);
});
