import { describe, expect, test } from '@jest/globals';
import {
  BackwardRunner,
  cpuBackend,
  float32Of,
  floats,
  integers,
  operators,
  Parameters,
  ForwardRunner,
  JvpRunner,
  UsageError,
  type Heap,
  type ParameterSource,
  type Pointer,
  type ElementRange,
  type Stage,
} from '../../../engine/index.js';
import { arbitrary } from '../../support/engine-numbers.js';

const { add, gather, matmul, multiply, negate, reduceSum, transpose } = operators;

const WIDTH = 4;
/** Two blocks of rows, the second one small. */
const ROWS = 1030;
const READS = 3;
const SEED = 7;
const MIRRORED = [
  { direction: SEED, scale: 0.1 },
  { direction: SEED, scale: -0.1 },
];

/** Rows of a table, two layers of a weight each to which a trained vector is added, and a normaliser over the table. */
const stages: readonly Stage[] = [
  {
    name: 'embedding',
    kind: 'embedding',
    prefix: '',
    build(scope) {
      scope.output('hidden', scope.rows('table', [ROWS, WIDTH], scope.input('ids', 'int64', ['reads'])));
    },
  },
  ...['first.', 'second.'].map((prefix): Stage => ({
    name: prefix,
    kind: 'layer',
    prefix,
    build(scope) {
      const hidden = matmul(scope.input('hidden', 'real', ['reads', WIDTH]), scope.parameter('weight', [WIDTH, WIDTH]));
      scope.output('hidden', add(add(hidden, scope.parameter('bias', [WIDTH])), scope.parameter('trained', [WIDTH])));
    },
  })),
  {
    name: 'head',
    kind: 'head',
    prefix: '',
    build(scope) {
      const logits = matmul(scope.input('hidden', 'real', ['reads', WIDTH]), transpose(scope.rowBlocks('table', [ROWS, WIDTH]), [1, 0]));
      scope.outputLogSumExp('normaliser', logits);
    },
  },
  {
    name: 'loss',
    kind: 'loss',
    prefix: '',
    build(scope) {
      const rows = scope.rows('table', [ROWS, WIDTH], scope.input('ids', 'int64', ['reads']));
      const logits = reduceSum(multiply(rows, scope.input('hidden', 'real', ['reads', WIDTH])), [-1], true);
      const losses = add(scope.input('normaliser', 'real', ['reads', 1]), negate(gather(logits, scope.input('all', 'int64', ['reads']))));
      scope.output('loss', reduceSum(losses, [0, 1], false));
    },
  },
];

const IDS = [5, ROWS - 1, 5];
const batch = { ids: integers([READS], IDS), all: integers([READS], [0, 1, 2]) };

interface Read {
  readonly name: string;
  readonly ranges: readonly ElementRange[];
  readonly heap: Heap;
  readonly out: Pointer;
}

/** The same numbers in memory, or streamed by sources that note what is read. */
function model(streams: boolean): { parameters: Parameters; reads: Read[] } {
  const parameters = new Parameters();
  const reads: Read[] = [];
  const noting = (name: string, values: Float32Array): ParameterSource => ({
    read(ranges, heap, out) {
      reads.push({ name, ranges, heap, out });
      const parts = ranges.flatMap(({ first, count }) => [...values.subarray(first, first + count)]);
      heap.floats(out, parts.length).set(parts);
    },
  });
  const frozen = (name: string, shape: readonly number[], seed: number): void => {
    const values = Float32Array.from(
      arbitrary(
        shape.reduce((a, b) => a * b, 1),
        seed,
      ),
    );
    if (!streams) parameters.values(parameters.add(name, shape, false)).set(values);
    else parameters.addStreamed(name, shape, noting(name, values));
  };
  frozen('table', [ROWS, WIDTH], 1);
  ['first.', 'second.'].forEach((prefix, layer) => {
    frozen(`${prefix}weight`, [WIDTH, WIDTH], 2 + layer);
    frozen(`${prefix}bias`, [WIDTH], 4 + layer);
    parameters.add(`${prefix}trained`, [WIDTH], true);
  });
  return { parameters, reads };
}

async function probe({ parameters }: { parameters: Parameters }): Promise<number[]> {
  const runner = new ForwardRunner(cpuBackend(1), parameters);
  const made = await runner.run(stages, batch, MIRRORED);
  await runner.release();
  return made.map((tensors) => float32Of(tensors, 'loss')[0] ?? NaN);
}

describe('streamed parameters', () => {
  test('have at mirrored points the losses of parameters in memory, bit for bit', async () => {
    const losses = await probe(model(true));
    expect(losses).toEqual(await probe(model(false)));
    expect(losses[0]).not.toBe(losses[1]);
  });

  test('are read once for both points, and no more of them than the stage uses', async () => {
    const streamed = model(true);
    await probe(streamed);
    const rows = IDS.map((id) => ({ first: id * WIDTH, count: WIDTH }));
    expect(streamed.reads.map(({ name, ranges }) => [name, ranges])).toEqual([
      ['table', rows],
      ['first.weight', [{ first: 0, count: WIDTH * WIDTH }]],
      ['first.bias', [{ first: 0, count: WIDTH }]],
      ['second.weight', [{ first: 0, count: WIDTH * WIDTH }]],
      ['second.bias', [{ first: 0, count: WIDTH }]],
      ['table', [{ first: 0, count: 1024 * WIDTH }]],
      ['table', [{ first: 1024 * WIDTH, count: (ROWS - 1024) * WIDTH }]],
      ['table', rows],
    ]);
  });

  test('come into one room beside the heap of the others, each stage anew from its start', async () => {
    const streamed = model(true);
    const { heap } = streamed.parameters;
    await probe(streamed);
    const [start] = streamed.reads.map(({ out }) => out);
    // A weight takes a cache line of 16 elements, so its bias comes 64 bytes behind.
    expect(streamed.reads.map(({ name, out }) => [name, out - (start ?? NaN)])).toEqual(
      streamed.reads.map(({ name }) => [name, name.endsWith('bias') ? 4 * WIDTH * WIDTH : 0]),
    );
    expect(new Set(streamed.reads.map((read) => read.heap)).size).toBe(1);
    expect(streamed.reads[0]?.heap).not.toBe(heap);
  });

  test('have the derivatives of parameters in memory in forward mode, bit for bit', async () => {
    const derivative = async ({ parameters }: { parameters: Parameters }): Promise<(number | undefined)[]> => {
      const runner = new JvpRunner(cpuBackend(1), parameters);
      const { values, tangents } = await runner.run(stages, batch, SEED);
      await runner.release();
      return [values, tangents].map((tensors) => float32Of(tensors, 'loss')[0]);
    };
    const [loss, along] = await derivative(model(true));
    expect([loss, along]).toEqual(await derivative(model(false)));
    expect(Math.abs(along ?? 0)).toBeGreaterThan(1e-3);
  });

  test('are frozen: directions move none of them', () => {
    const { parameters } = model(true);
    expect(parameters.trainable.map(({ name }) => name)).toEqual(['first.trained', 'second.trained']);
    expect(parameters.isMoved(parameters.get('table'), SEED)).toBe(false);
  });

  test('are in no memory to look at', () => {
    const { parameters } = model(true);
    expect(() => parameters.values(parameters.get('table'))).toThrow('parameter table is streamed: it is not in memory');
  });

  test('are refused by backpropagation in one line', async () => {
    const { parameters } = model(true);
    const backpropagation = new BackwardRunner(cpuBackend(1), parameters);
    await expect(
      backpropagation.run(stages, { ...batch, hidden: floats([0], new Float32Array(0)) }, parameters.allocateBuffers()),
    ).rejects.toThrow(
      new UsageError('backpropagation needs all weights in memory, but table is streamed from disk (--stream never, where it fits)'),
    );
  });
});
