import { afterAll, describe, expect, test } from '@jest/globals';
import {
  CHUNK,
  Combination,
  computed,
  cpuBackend,
  HERE,
  masked,
  movesParameter,
  noiseKey,
  operators,
  Parameters,
  program,
  rademacher,
  restricted,
  scaled,
  smallWeights,
  sphere,
  ForwardRunner,
  uniformWord,
  weights,
  type Backend,
  type Buffers,
  type Direction,
  type Parameter,
  type Point,
} from '../../../engine/index.js';
import { familyNames, lossOf, tinyBatch, tinyModel } from '../../support/engine-models.js';
import { arbitrary, dot, farthest } from '../../support/engine-numbers.js';

/** Numbers below 8 in float32: a rounding for each term and one for the sum. */
const ROUNDING = 8 * 2 ** -23;
const SEED = 5;
const OTHER_SEED = 6;

const parameters = new Parameters();
/** Longer than what is generated at a time. */
const matrix = parameters.add('matrix', [3, CHUNK - 5], true, 'block.0');
const bias = parameters.add('bias', [7], true, 'block.1');
const frozen = parameters.add('frozen', [2, 3], false, 'block.1');
[matrix, bias, frozen].forEach((parameter, i) => parameters.values(parameter).set(arbitrary(parameter.count, i)));
const room = parameters.heap.allocate(matrix.count);

/** Arrays for the matrix alone. */
const arrays: Buffers = parameters.allocateBuffers((parameter) => parameter === matrix);
parameters.heap.floats(parameters.buffer(arrays, matrix), matrix.count).set(arbitrary(matrix.count, 9));

function written(parameter: Parameter, direction: Direction, first = 0, count = parameter.count): number[] {
  parameters.writeDirection(parameter, first, count, direction, room);
  return [...parameters.heap.floats(room, count)];
}

/** All trainable elements of a direction. */
const all = (direction: Direction): number[] => parameters.trainable.flatMap((parameter) => written(parameter, direction));
const zeros = (count: number): number[] => new Array<number>(count).fill(0);

const small = masked(
  SEED,
  smallWeights(() => 0.5),
);
const quotient = computed(
  program({ arrays: ['theta', 'z'], scalars: ['c'] }, ({ theta, z }, { c }) => ({
    made: operators.divide(operators.multiply(theta, c), operators.add(operators.square(z), 1)),
  })).on({ z: SEED }, { c: 1.5 }),
);
const sum = new Combination([
  { direction: SEED, scale: 0.5 },
  { direction: arrays, scale: -2 },
  { direction: rademacher(OTHER_SEED), scale: 0.25 },
]);
const generated: readonly (readonly [string, Direction])[] = [
  ['a sum', sum],
  ['a sum of sums', new Combination([sum, small].map((direction) => ({ direction, scale: 0.5 })))],
  ['random signs', rademacher(SEED)],
  ['a restricted one', restricted(SEED, (parameter) => parameter === matrix)],
  ['a masked one', small],
  ['a scaled one', scaled(SEED, ({ stage }) => (stage === 'block.0' ? 2 : -3))],
  ['a point of the sphere', sphere(SEED, parameters)],
  ['theta', weights],
  ['a computed one', quotient],
];

describe('a direction', () => {
  test.each(generated)('(%s) is the same whole or in parts, bit for bit', (_, direction) => {
    const whole = written(matrix, direction);
    expect(whole.some((value) => value !== 0)).toBe(true);
    for (const [first, count] of [
      [0, 1],
      [3, 9],
      [CHUNK - 2, 4],
      [1, 2 * CHUNK],
      [2 * CHUNK + 1, matrix.count - 2 * CHUNK - 1],
    ] as const) {
      expect(written(matrix, direction, first, count)).toEqual(whole.slice(first, first + count));
    }
  });

  test.each(generated)('(%s) moves theta as the arrays that it was stored to, the frozen parameters not at all', (_, direction) => {
    const stored = parameters.allocateBuffers();
    parameters.materialise(direction, stored);
    const start = parameters.all.map((parameter) => [...parameters.values(parameter)]);
    const moved = (along: Direction): number[][] => {
      parameters.move(along, -0.125);
      const values = parameters.all.map((parameter) => [...parameters.values(parameter)]);
      parameters.all.forEach((parameter, i) => parameters.values(parameter).set(start[i] ?? []));
      return values;
    };
    const expected = moved(stored);
    expect(moved(direction)).toEqual(expected);
    expect(expected[0]).not.toEqual(start[0]);
    expect(expected[2]).toEqual(start[2]);
  });
});

describe('a combination', () => {
  test('is the sum of its terms, those that do not move a parameter left out', () => {
    const [onMatrix, signs] = [[...written(matrix, arrays), ...zeros(bias.count)], all(rademacher(OTHER_SEED))];
    const expected = all(SEED).map((z, i) => 0.5 * z - 2 * (onMatrix[i] ?? NaN) + 0.25 * (signs[i] ?? NaN));
    expect(farthest(all(sum), expected)).toBeLessThan(3 * ROUNDING);
  });

  test('of one term moves theta along it by the product of the scales', () => {
    const start = [...parameters.values(bias)];
    parameters.move(new Combination([{ direction: SEED, scale: -0.5 }]), 0.25);
    const moved = [...parameters.values(bias)];
    parameters.values(bias).set(start);
    parameters.addDirection(bias, 0, bias.count, SEED, -0.125, bias.pointer);
    expect([...parameters.values(bias)]).toEqual(moved);
    parameters.values(bias).set(start);
  });

  test('moves what any of its terms moves', () => {
    const onMatrix = new Combination([{ direction: arrays, scale: 1 }, HERE]);
    expect([matrix, bias].map((parameter) => movesParameter(onMatrix, parameter))).toEqual([true, false]);
    expect(written(bias, onMatrix)).toEqual(zeros(bias.count));
    expect(movesParameter(new Combination([]), matrix)).toBe(false);
  });
});

test('random signs are those of the random words', () => {
  const expected = parameters.trainable.flatMap(({ name, count }) =>
    Array.from({ length: count }, (_, i) => (uniformWord(noiseKey(SEED, name), i) < 2 ** 31 ? 1 : -1)),
  );
  expect(all(rademacher(SEED))).toEqual(expected);
});

test('a restricted direction is 0 and moves nothing elsewhere', () => {
  const onBias = restricted(SEED, (parameter) => parameter === bias);
  expect(all(onBias)).toEqual([...zeros(matrix.count), ...written(bias, SEED)]);
  expect([matrix, bias].map((parameter) => movesParameter(onBias, parameter))).toEqual([false, true]);
  const nowhere = restricted(arrays, (parameter) => parameter === bias);
  expect(movesParameter(nowhere, bias)).toBe(false);
});

test('a masked direction is what the mask leaves of it', () => {
  const theta = parameters.trainable.flatMap((parameter) => [...parameters.values(parameter)]);
  expect(all(small)).toEqual(all(SEED).map((z, i) => (Math.abs(theta[i] ?? NaN) <= 0.5 ? z : 0)));
});

test('a computed direction is its formula of the others, and moves what they all move', () => {
  const theta = parameters.trainable.flatMap((parameter) => [...parameters.values(parameter)]);
  const expected = all(SEED).map((z, i) => (1.5 * (theta[i] ?? NaN)) / (z * z + 1));
  expect(farthest(all(quotient), expected)).toBeLessThan(2 * ROUNDING);
  const both = program({ arrays: ['a', 'b'] }, ({ a, b }) => ({ sum: operators.add(a, b) }));
  expect([matrix, bias].map((parameter) => movesParameter(computed(both.on({ a: SEED, b: arrays })), parameter))).toEqual([true, false]);
});

test('a scaled direction has a factor for each parameter', () => {
  const direction = scaled(SEED, ({ stage }) => (stage === 'block.0' ? 2 : -3));
  expect(all(direction)).toEqual([...written(matrix, SEED).map((z) => 2 * z), ...written(bias, SEED).map((z) => Math.fround(-3 * z))]);
  expect(
    movesParameter(
      scaled(arrays, () => 2),
      bias,
    ),
  ).toBe(false);
});

test('a direction of the sphere is a Gaussian one brought to the length of the root of the dimensions', () => {
  const z = all(SEED);
  const factor = Math.sqrt(z.length / dot(z, z));
  expect(
    farthest(
      all(sphere(SEED, parameters)),
      z.map((value) => factor * value),
    ),
  ).toBeLessThan(ROUNDING);
  expect(Math.abs(parameters.norm(sphere(SEED, parameters)) - Math.sqrt(z.length))).toBeLessThan(1e-5);
});

test('theta as a direction has no biases and norms', () => {
  expect(all(weights)).toEqual([...parameters.values(matrix), ...zeros(bias.count)]);
  expect(movesParameter(weights, bias)).toBe(false);
});

test('here is no direction at all', () => {
  expect(all(HERE.direction)).toEqual(zeros(matrix.count + bias.count));
  expect(parameters.trainable.some((parameter) => movesParameter(HERE.direction, parameter))).toBe(false);
});

test('inner products and lengths are those of the written directions, in double precision', () => {
  const [a, b] = [all(SEED), all(sum)];
  expect(parameters.dot(SEED, sum)).toBeCloseTo(dot(a, b), 8);
  expect(parameters.norm(sum)).toBeCloseTo(Math.sqrt(dot(b, b)), 8);
  expect(parameters.dot(arrays, HERE.direction)).toBe(0);
});

const backend = cpuBackend(1);

describe.each(familyNames)('points of a tiny %s along generated directions', (family) => {
  const SCALE = 0.03;
  const model = tinyModel(family);
  const stages = model.stages('tokens');
  const batch = tinyBatch(model);
  const { counting, runs } = countingRuns();
  const runner = new ForwardRunner(counting, model.parameters);
  afterAll(() => runner.release());
  const losses = async (...points: Point[]): Promise<number[]> => (await runner.run(stages, batch, points)).map(lossOf);

  /** The loss of a copy of the model that was moved by hand. */
  async function movedLoss({ direction, scale }: Point): Promise<number> {
    const copy = tinyModel(family);
    copy.parameters.move(direction, scale);
    const other = new ForwardRunner(backend, copy.parameters);
    const [made] = await other.run(stages, batch);
    const loss = lossOf(made);
    await other.release();
    return loss;
  }

  const inStage = (...names: string[]): Direction => restricted(SEED, ({ stage }) => names.includes(stage));
  const directions: readonly (readonly [string, Direction])[] = [
    ['random signs', rademacher(SEED)],
    ['on two stages', inStage('block.1', 'embedding')],
    ['masked', small],
    ['summed', new Combination([SEED, rademacher(OTHER_SEED)].map((direction) => ({ direction, scale: 0.5 })))],
    ['scaled', scaled(SEED, ({ stage }) => (stage === 'block.0' ? 2 : 0.5))],
  ];

  test.each(directions)('(%s) have the losses of copies moved there, bit for bit, together or one by one', async (_, direction) => {
    const [plus, minus] = [
      { direction, scale: SCALE },
      { direction, scale: -SCALE },
    ] as const;
    const expected = [await movedLoss(plus), await movedLoss(minus)];
    expect(await losses(plus, minus)).toEqual(expected);
    expect([...(await losses(plus)), ...(await losses(minus))]).toEqual(expected);
    expect(expected[0]).not.toBe(expected[1]);
  });

  test('may come with theta itself and with points along others', async () => {
    const points: Point[] = [HERE, { direction: inStage('block.1'), scale: SCALE }, { direction: rademacher(SEED), scale: SCALE }];
    const alone: number[] = [];
    for (const point of points) alone.push(...(await losses(point)));
    expect(await losses(...points)).toEqual(alone);
    expect(alone[0]).toEqual((await losses())[0]);
    expect(new Set(alone).size).toBe(points.length);
  });

  test('share what is made before the first stage that any of them moves', async () => {
    const once = await runs(() => losses());
    expect(once).toBe(stages.length);
    const names = stages.map(({ name }) => name);
    const probe = async (stage: string, ...others: Point[]): Promise<number> => {
      const direction = inStage(stage);
      return runs(() => losses({ direction, scale: SCALE }, { direction, scale: -SCALE }, ...others));
    };
    for (const stage of ['embedding', 'block.0', 'block.1']) expect(await probe(stage)).toBe(once + stages.length - names.indexOf(stage));
    expect(await probe('block.1', HERE)).toBe(once + 2 * (stages.length - names.indexOf('block.1')));
    expect(await runs(() => losses(HERE, HERE))).toBe(once);
  });
});

/** A backend that counts its sessions' runs, and how many some work takes. */
function countingRuns(): { counting: Backend; runs: (work: () => Promise<unknown>) => Promise<number> } {
  let count = 0;
  const counting: Backend = {
    ...backend,
    async compile(graph, real) {
      const session = await backend.compile(graph, real);
      return {
        run(inputs, into) {
          count += 1;
          return session.run(inputs, into);
        },
        release: () => session.release(),
      };
    },
  };
  return {
    counting,
    async runs(work) {
      const before = count;
      await work();
      return count - before;
    },
  };
}
