import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  CHUNK,
  cpuBackend,
  operators,
  Parameters,
  program,
  Temporary,
  type Buffers,
  type Formula,
  type Tensor,
  type Value,
} from '../../../engine/index.js';
import { arbitrary, dot, farthest } from '../../support/engine-numbers.js';

const { absolute, add, divide, multiply, negate, scale, sign, square, squareRoot, subtract, sum } = operators;

/** Longer than a chunk. */
const COUNT = CHUNK + 13;
/** Of {@link arbitrary}'s numbers. */
const LARGEST = 6;
const ROUNDING = 2 ** -23;
const SEED = 5;
const backend = cpuBackend(1);

interface Problem {
  readonly parameters: Parameters;
  readonly arrays: Readonly<Record<string, Buffers>>;
  readonly read: (name: string) => number[];
}

/** Parameters theta, and other arrays of those names. */
function problem(names: readonly string[]): Problem {
  const parameters = new Parameters();
  const theta = parameters.add('theta', [COUNT], true);
  const arrays = Object.fromEntries(names.map((name) => [name, parameters.allocateBuffers()]));
  const view = (name: string): Float32Array =>
    name === 'theta' ? parameters.values(theta) : parameters.heap.floats(arrays[name]?.get('theta') ?? NaN, COUNT);
  ['theta', ...names].forEach((name, stream) => view(name).set(arbitrary(COUNT, stream)));
  return { parameters, arrays, read: (name) => [...view(name)] };
}

/** What ONNX Runtime makes of the same graph in float64. */
async function outputs({ graph }: Formula, given: Readonly<Record<string, readonly number[] | number>>): Promise<Record<string, number[]>> {
  const session = await backend.compile(graph, 'float64');
  const tensor = (values: readonly number[] | number = NaN): Tensor =>
    typeof values === 'number'
      ? { type: 'float64', dims: [], data: Float64Array.of(values) }
      : { type: 'float64', dims: [values.length], data: Float64Array.from(values) };
  const made = await session.run(Object.fromEntries(graph.inputs.map(({ name }) => [name, tensor(given[name])])));
  await session.release();
  return Object.fromEntries(Object.entries(made).map(([name, { data }]) => [name.slice('out:'.length), [...(data as Float64Array)]]));
}

/** A formula of x, y and the number c, of which no value is larger than `bound`. */
interface Term {
  readonly build: (x: Value, y: Value, c: Value) => Value;
  readonly bound: number;
  readonly nodes: number;
}

const C = 0.7;
const leaf = fc.constantFrom<Term>(
  { build: (x) => x, bound: LARGEST, nodes: 1 },
  { build: (_, y) => y, bound: LARGEST, nodes: 1 },
  { build: (x, _, c) => scale(x, c), bound: C * LARGEST, nodes: 1 },
);
const grow = (inner: fc.Arbitrary<Term>): fc.Arbitrary<Term> => {
  const one = (make: (x: Value, c: Value) => Value, bound: (of: number) => number): fc.Arbitrary<Term> =>
    inner.map(({ build, ...term }) => ({ build: (x, y, c) => make(build(x, y, c), c), bound: bound(term.bound), nodes: term.nodes + 4 }));
  const two = (make: (a: Value, b: Value, c: Value) => Value, bound: (a: number, b: number) => number): fc.Arbitrary<Term> =>
    fc.tuple(inner, inner).map(([a, b]) => ({
      build: (x, y, c) => make(a.build(x, y, c), b.build(x, y, c), c),
      bound: bound(a.bound, b.bound),
      nodes: a.nodes + b.nodes + 4,
    }));
  return fc.oneof(
    one((x) => negate(x), Number),
    one((x) => absolute(x), Number),
    one(
      (x, c) => divide(x, c),
      (b) => b / C,
    ),
    one(
      (x, c) => subtract(multiply(c, c), x),
      (b) => b + 1,
    ),
    one(
      (x) => squareRoot(add(absolute(x), 1)),
      (b) => Math.sqrt(b + 1),
    ),
    one(
      (x) => divide(2, add(square(x), 1)),
      () => 2,
    ),
    one(
      (x) => subtract(scale(x, -3), 0.5),
      (b) => 3 * b + 1,
    ),
    two(
      (a, b) => add(a, b),
      (a, b) => a + b,
    ),
    two(
      (a, b) => subtract(a, b),
      (a, b) => a + b,
    ),
    two(
      (a, b, c) => add(scale(a, c), scale(b, subtract(1, c))),
      (a, b) => a + b,
    ),
    two(
      (a, b) => multiply(a, divide(b, add(square(b), 1))),
      (a) => a,
    ),
    two(
      (a, b) => divide(a, squareRoot(add(absolute(b), 1))),
      (a) => a,
    ),
    two(
      (a, b, c) => subtract(a, divide(scale(b, c), add(squareRoot(divide(absolute(a), c)), 1))),
      (a, b) => a + b,
    ),
  );
};
const terms: fc.Memo<Term> = fc.memo((depth) => (depth <= 1 ? leaf : fc.oneof(leaf, grow(terms(depth - 1)))));

describe('a program', () => {
  test('gives what ONNX Runtime makes of the same formula', async () => {
    await fc.assert(
      fc.asyncProperty(terms(5), terms(3), async (first, second) => {
        const formula = program({ arrays: ['theta', 'y'], scalars: ['c'] }, ({ theta, y }, { c }) => ({
          theta: first.build(theta, y, c),
          y: second.build(theta, y, c),
          inner: sum(multiply(second.build(theta, y, c), y)),
        }));
        const { parameters, arrays, read } = problem(['y']);
        const expected = await outputs(formula, { theta: read('theta'), y: read('y'), c: C });
        const { inner } = parameters.update(formula.on({ y: arrays.y ?? SEED }, { c: C }));
        const tolerance = (term: Term): number => 2 * term.nodes * Math.max(LARGEST, term.bound) * 4 * ROUNDING;
        expect(farthest(read('theta'), expected.theta ?? [])).toBeLessThan(tolerance(first));
        expect(farthest(read('y'), expected.y ?? [])).toBeLessThan(tolerance(second));
        expect(Math.abs(inner - (expected.inner?.[0] ?? NaN))).toBeLessThan(COUNT * LARGEST * tolerance(second));
      }),
      { numRuns: 60, seed: 1 },
    );
  });

  test('sees the old values wherever it replaces an array', () => {
    const exchange = program({ arrays: ['theta', 'm'] }, ({ theta, m }) => ({ theta: add(m, 0), m: subtract(theta, m) }));
    const { parameters, arrays, read } = problem(['m']);
    const [theta, m] = [read('theta'), read('m')];
    parameters.update(exchange.on({ m: arrays.m ?? SEED }));
    expect(read('theta')).toEqual(m);
    expect(read('m')).toEqual(theta.map((value, i) => Math.fround(value - (m[i] ?? NaN))));
  });

  test('copies an array, and exchanges two', () => {
    const copy = program({ arrays: ['theta', 'm'] }, ({ theta }) => ({ m: theta }));
    const { parameters, arrays, read } = problem(['m']);
    parameters.update(copy.on({ m: arrays.m ?? SEED }));
    expect(read('m')).toEqual(read('theta'));
    const other = problem(['m']);
    const exchange = program({ arrays: ['theta', 'm'] }, ({ theta, m }) => ({ theta: m, m: theta }));
    const [theta, m] = [other.read('theta'), other.read('m')];
    other.parameters.update(exchange.on({ m: other.arrays.m ?? SEED }));
    expect([other.read('theta'), other.read('m')]).toEqual([m, theta]);
  });

  test('takes signs, and directions that no array holds', () => {
    const { parameters, read } = problem([]);
    const theta = read('theta');
    const z = parameters.allocateBuffers();
    parameters.materialise(SEED, z);
    const noise = [...parameters.heap.floats(z.get('theta') ?? NaN, COUNT)];
    parameters.update(program({ arrays: ['theta', 'z'] }, (given) => ({ theta: add(given.theta, sign(given.z)) })).on({ z: SEED }));
    expect(read('theta')).toEqual(theta.map((value, i) => Math.fround(value + Math.sign(noise[i] ?? NaN))));
  });

  test('hands on what is temporary to the next, which begins as zeros in every chunk', () => {
    const { parameters, read } = problem([]);
    const theta = read('theta');
    const [first, second] = [
      program({ arrays: ['theta', 't'] }, (given) => ({ t: add(given.t, given.theta) })),
      program({ arrays: ['theta', 't'] }, ({ t }) => ({ theta: scale(t, 2), square: sum(square(t)) })),
    ];
    const t = new Temporary();
    const { square: found } = parameters.update<'square'>(first.on({ t }), first.on({ t }), second.on({ t }));
    expect(read('theta')).toEqual(theta.map((value) => 4 * value));
    expect(found).toBeCloseTo(4 * dot(theta, theta), 6);
  });

  test('leaves parameters alone that have no array to replace', () => {
    const { parameters, arrays, read } = problem(['m']);
    const other = parameters.add('other', [3], true);
    const before = read('m');
    parameters.update(
      program({ arrays: ['theta', 'm'] }, ({ theta, m }) => ({ theta: add(theta, 1), m: scale(m, 2) })).on({ m: arrays.m ?? SEED }),
    );
    expect([...parameters.values(other)]).toEqual([0, 0, 0]);
    expect(read('m')).toEqual(before.map((value) => 2 * value));
  });

  test('that is run as an update replaces arrays', () => {
    const { parameters } = problem([]);
    const direction = program({ arrays: ['theta'] }, ({ theta }) => ({ made: scale(theta, 2) }));
    expect(() => parameters.update(direction.on({}))).toThrow("an update's program gives what replaces no array: made");
  });

  test('names the operator that the kernels do not have', () => {
    const { parameters } = problem([]);
    const update = program({ arrays: ['theta'] }, ({ theta }) => ({ theta: operators.exp(theta) }));
    expect(() => parameters.update(update.on({}))).toThrow('no kernel computes Exp');
  });
});
