import { describe, expect, test } from '@jest/globals';
import { Arena } from '../../../engine/memory-model/arena.js';
import { resolveShape } from '../../../engine/graph/axis-lengths.js';
import { executionOrder } from '../../../engine/memory-model/execution-order.js';
import { Graph } from '../../../engine/graph/graph.js';
import { InUse, replayAllocations } from '../../../engine/memory-model/liveness.js';
import { add, gemm, relu, reshape, softmax } from '../../../engine/graph/operators.js';
import { ResultCopies } from '../../../engine/memory-model/result-copies.js';

const KIB = 1024;

function peakOf(graph: Graph, given: readonly string[] = []): number {
  const inUse = new InUse();
  const lengths = new Map([
    ['n', 256],
    ['m', 512],
  ]);
  replayAllocations(graph, executionOrder(graph), { lengths, realBytes: 4, isGiven: (name) => given.includes(name) }, inUse);
  return inUse.peak;
}

describe('what a run has in use', () => {
  // Each value below is 256 numbers: a KiB.
  test('is what is still to be read, and the node at work: two values of a chain, however long', () => {
    const graph = new Graph();
    const x = graph.input('x', 'real', ['n', 1]);
    graph.output('y', softmax(softmax(softmax(x))));
    expect(peakOf(graph)).toBe(2 * KIB);
    expect(peakOf(graph, ['y'])).toBe(2 * KIB); // the last is written to given memory, the two before it are not
  });

  test('an elementwise operator writes over what nothing reads later, and over nothing else', () => {
    const graph = new Graph();
    const a = softmax(graph.input('x', 'real', ['n', 1]));
    graph.output('y', relu(a));
    expect(peakOf(graph)).toBe(KIB);
    const twice = new Graph();
    const b = softmax(twice.input('x', 'real', ['n', 1]));
    twice.output('y', softmax(add(relu(b), b)));
    expect(peakOf(twice)).toBe(2 * KIB);
  });

  test('a reshape takes nothing, and of what it makes of unknown lengths nothing is written over', () => {
    const graph = new Graph();
    const x = softmax(graph.input('x', 'real', ['n', 4]));
    graph.output('y', reshape(x, ['m', 2]));
    expect(peakOf(graph)).toBe(4 * KIB);
    const more = new Graph();
    const z = reshape(softmax(more.input('x', 'real', ['n', 4])), [4, 'n']);
    more.output('y', relu(z));
    expect(peakOf(more)).toBe(8 * KIB);
  });
});

test('nodes run depth first from the last that no other reads: gradients of first layers before those of later ones', () => {
  const graph = new Graph();
  const x = graph.input('x', 'real', ['n', 8]);
  const w = graph.input('w', 'real', [8, 8]);
  const h = gemm(x, w);
  const early = relu(h);
  const late = softmax(h);
  graph.output('early', early);
  graph.output('late', late);
  expect(executionOrder(graph).map(({ op }) => op)).toEqual(['Gemm', 'Softmax', 'Relu']);
});

describe("a session's arena", () => {
  const MIB = 2 ** 20;

  test('counts what is written to, not what it asked for, and takes the best fit again', () => {
    const arena = new Arena();
    const first = arena.allocate(256 * KIB);
    expect(arena.resident).toBe(256 * KIB);
    arena.allocate(100 * KIB);
    arena.release(first);
    expect(arena.allocate(200 * KIB)).toBe(first); // not split: less than half would be left
    expect(arena.resident).toBe(356 * KIB);
  });

  test('gives nothing back, and joins neighbours that are free', () => {
    const arena = new Arena();
    const [a, b] = [arena.allocate(MIB / 4), arena.allocate(MIB / 4)];
    arena.allocate(MIB / 2);
    arena.release(a);
    arena.release(b);
    arena.allocate(MIB / 2);
    expect(arena.resident).toBe(MIB);
  });

  test('grows by regions, and no chunk is in two', () => {
    const arena = new Arena();
    const large = arena.allocate(3 * MIB); // a region of 4, which is not split
    arena.allocate(3 * MIB);
    arena.release(large);
    arena.allocate(4 * MIB);
    expect(arena.resident).toBe(7 * MIB);
  });
});

test('copies of results pile up until the next collection, and no further than V8 lets them', () => {
  const few = new ResultCopies();
  for (let run = 0; run < 100; run++) few.add(50, 1000);
  expect(few.peak).toBe(7 * 1000);
  const large = new ResultCopies();
  for (let run = 0; run < 100; run++) large.add(1, 40 * 2 ** 20);
  expect(large.peak).toBe(80 * 2 ** 20);
});

test('lengths are numbers, names, products and sums, also of each other', () => {
  const lengths = new Map([
    ['batch', 3],
    ['sequence', 5],
  ]);
  expect(resolveShape([2, 'batch', 'batch*sequence', '(7+batch)', '2*(1+batch*sequence)'], lengths)).toEqual([2, 3, 15, 10, 32]);
  expect(() => resolveShape(['other'], lengths)).toThrow('the length of axis other is not known');
});
