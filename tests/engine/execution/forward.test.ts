import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { BackwardRunner, cpuBackend, integers, ForwardRunner, type Point } from '../../../engine/index.js';
import type { LanguageModel } from '../../../models/model.js';
import {
  bytesOf,
  familyNames,
  float64Losses,
  lossOf,
  tinyBatch,
  tinyModel,
  writtenDirection,
  type FamilyName,
} from '../../support/engine-models.js';
import { relativeError } from '../../support/engine-numbers.js';

/** Losses near 2.5, in float32, through two blocks: some dozen roundings. */
const ROUNDING = 3e-6;
const SEED = 5;
const OTHER_SEED = 6;
const SCALE = 0.03;

const backend = cpuBackend(1);
const mirrored: readonly Point[] = [
  { direction: SEED, scale: SCALE },
  { direction: SEED, scale: -SCALE },
];

async function losses(model: LanguageModel, points: readonly Point[] = []): Promise<number[]> {
  const runner = new ForwardRunner(backend, model.parameters);
  const results = await runner.run(model.stages('tokens'), tinyBatch(model), points);
  const made = results.map(lossOf);
  await runner.release();
  return made;
}

/** The loss of a copy of the model whose theta was moved by hand. */
async function movedLoss(family: FamilyName, { direction, scale }: Point, trains?: (name: string) => boolean): Promise<number> {
  const copy = tinyModel(family, trains);
  copy.parameters.move(direction, scale);
  const [loss] = await losses(copy);
  return loss ?? NaN;
}

describe.each(familyNames)('a tiny %s, stage by stage', (family) => {
  const model = tinyModel(family);
  const runner = new ForwardRunner(backend, model.parameters);
  const batch = tinyBatch(model);
  const run = async (...points: Point[]): Promise<number[]> => (await runner.run(model.stages('tokens'), batch, points)).map(lossOf);
  let atTheta = NaN;
  beforeAll(async () => {
    [atTheta = NaN] = await run();
  });
  afterAll(() => runner.release());

  test('has the loss of the same model composed, and in float64', async () => {
    const backpropagation = new BackwardRunner(backend, model.parameters);
    const composed = await backpropagation.run(model.stages('tokens'), batch, model.parameters.allocateBuffers());
    await backpropagation.release();
    expect(relativeError(atTheta, composed)).toBeLessThan(ROUNDING);
    const [exact = NaN] = await float64Losses(model, batch, writtenDirection(model, SEED), [0]);
    expect(relativeError(atTheta, exact)).toBeLessThan(ROUNDING);
  });

  test('has at mirrored points the losses of copies moved there, bit for bit', async () => {
    const expected = await Promise.all(mirrored.map((point) => movedLoss(family, point)));
    expect(await run(...mirrored)).toEqual(expected);
    expect(Math.abs((expected[0] ?? NaN) - (expected[1] ?? NaN))).toBeGreaterThan(1e-3); // the points differ at all
  });

  test('has at mirrored points, in one pass, what it has at each alone, bit for bit', async () => {
    const [plus, minus] = mirrored as [Point, Point];
    expect(await run(plus, minus)).toEqual([...(await run(plus)), ...(await run(minus))]);
  });

  test.each([
    ['several directions', [SEED, OTHER_SEED, SEED], [1, 2, 3]],
    ['two directions, mirrored scales', [SEED, OTHER_SEED], [1, -1]],
    ['one direction, other scales', [SEED, SEED], [1, 2]],
    ['one direction, twice the same scale', [SEED, SEED], [1, 1]],
  ])('has at points in %s what it has at each alone, bit for bit', async (_, seeds, steps) => {
    const points = seeds.map((direction, index) => ({ direction, scale: SCALE * (steps[index] ?? NaN) }));
    const alone: number[] = [];
    for (const point of points) alone.push(...(await run(point)));
    expect(await run(...points)).toEqual(alone);
    expect(new Set(alone).size).toBe(new Set(points.map((point) => JSON.stringify(point))).size);
  });

  test('has along a direction given as arrays what it has along the seed they were written from, bit for bit', async () => {
    const direction = writtenDirection(model, SEED);
    const points = mirrored.map(({ scale }) => ({ direction, scale }));
    expect(await run(...points)).toEqual(await run(...mirrored));
  });

  test('has its own loss at scale 0', async () => {
    expect(await run({ direction: SEED, scale: 0 })).toEqual([atTheta]);
  });

  test('has bit for bit the same parameters and loss after any number of probes', async () => {
    const before = bytesOf(model);
    for (let probe = 0; probe < 20; probe++) {
      await run({ direction: probe, scale: 1 }, { direction: probe, scale: -1 });
      await run({ direction: probe, scale: 0.5 });
    }
    expect(bytesOf(model)).toBe(before);
    expect(await run()).toEqual([atTheta]);
  });

  test('refuses a batch that lacks an input, by its name', async () => {
    const incomplete = Object.fromEntries(Object.entries(batch).filter(([name]) => name !== 'target_ids'));
    await expect(runner.run(model.stages('tokens'), incomplete)).rejects.toThrow('no stage and no batch gives target_ids');
  });

  test('refuses a token that the table of embeddings does not have', async () => {
    const wrong = { ...batch, token_ids: integers([2, 5], new Array<number>(10).fill(11)) };
    await expect(runner.run(model.stages('tokens'), wrong)).rejects.toThrow(
      /^row 11 of (model\.(decoder\.)?embed_tokens|roberta\.embeddings\.word_embeddings)\.weight is asked for, which has 11$/,
    );
  });
});

const subsets: readonly (readonly [string, (name: string) => boolean])[] = [
  ['the first block', (name) => /layers?\.0\./.test(name)],
  ['the second block', (name) => /layers?\.1\./.test(name)],
  ['query projections', (name) => /q_proj|query/.test(name)],
  ['normalisations', (name) => name.includes('norm')],
  ['the embeddings', (name) => name.includes('embed')],
  ['all but the embeddings', (name) => !name.includes('embed')],
];

describe.each(familyNames.flatMap((family) => subsets.map(([part, trains]) => ({ family, part, trains }))))(
  'a tiny $family of which only $part move',
  ({ family, trains }) => {
    test('has at mirrored points the losses of copies moved there, bit for bit, in one pass or two', async () => {
      const model = tinyModel(family, trains);
      const expected = await Promise.all(mirrored.map((point) => movedLoss(family, point, trains)));
      expect(await losses(model, mirrored)).toEqual(expected);
      expect(await losses(model, mirrored.slice(1))).toEqual(expected.slice(1));
      expect(expected[0]).not.toBe(expected[1]);
    });

    test('moves its own parameters as the whole model would, the frozen ones not at all', () => {
      const [part, whole, still] = [tinyModel(family, trains), tinyModel(family), tinyModel(family)];
      part.parameters.move(SEED, SCALE);
      whole.parameters.move(SEED, SCALE);
      for (const { name, trainable } of part.parameters.all) {
        const like = trainable ? whole : still;
        expect(part.parameters.values(part.parameters.get(name))).toEqual(like.parameters.values(like.parameters.get(name)));
      }
    });
  },
);

test('a model of which nothing moves has one loss at all points', async () => {
  const model = tinyModel('opt', () => false);
  const [loss = NaN] = await losses(model);
  expect(await losses(model, mirrored)).toEqual([loss, loss]);
});

test('the lengths of batches may change from run to run', async () => {
  const model = tinyModel('llama');
  const runner = new ForwardRunner(backend, model.parameters);
  const run = async (sequence: number): Promise<number> =>
    lossOf((await runner.run(model.stages('tokens'), tinyBatch(model, 2, sequence), mirrored))[1]);
  const fresh = async (sequence: number): Promise<number> => {
    const other = new ForwardRunner(backend, model.parameters);
    const loss = lossOf((await other.run(model.stages('tokens'), tinyBatch(model, 2, sequence), mirrored))[1]);
    await other.release();
    return loss;
  };
  for (const sequence of [6, 3, 5, 6, 4]) expect(await run(sequence)).toBe(await fresh(sequence));
  await runner.release();
});
