import { describe, expect, test } from '@jest/globals';
import { catalog } from '../../benchmarks/plan/known-catalog.js';
import { runCell, type CellResult } from '../../cell/run-cell.js';
import type { Options } from '../../benchmarks/plan/arguments.js';
import { located } from '../../benchmarks/plan/cell.js';
import { planCells } from '../../benchmarks/plan/cells.js';
import { openCell } from '../../cell/open-cell.js';
import { planOf, planText } from '../../benchmarks/plan/plan-text.js';
import { probe } from '../../cell/probe.js';
import { cpuBackend, UnfitError } from '../../engine/index.js';
import { complaint, folderWith, jsonl } from '../support/data-folder.js';
import { cellId } from '../../records/cell-id.js';
import { RECORD_VERSION, type CellSettings } from '../../records/record.js';
import { recordSchema } from '../../records/record-schema.js';

const sizes = { trainSize: 60, devSize: 16, testSize: 24, seeds: 1, threads: 1 } satisfies Options;

async function cellOf(scheme: string, more: Options = {}): Promise<CellSettings> {
  const cells = await planCells({ model: ['opt-mini'], task: ['sst2'], scheme: [scheme], ...sizes, ...more }, catalog);
  const [cell] = cells;
  if (!cell || cells.length > 1) throw new Error(`${cells.length} cells`);
  return located(cell);
}

/** Runs a cell and checks that it has done no training, and left a record that the schema takes whole. */
async function run(scheme: string, more: Options = {}): Promise<CellResult> {
  const settings = await cellOf(scheme, more);
  const { result, loggedSteps } = await runCell(settings, () => {
    throw new Error('nothing is trained');
  });
  expect(loggedSteps).toBeNull();
  expect(result).toMatchObject({ curve: [], forwards: 0, backwards: 0, stepMs: null, final: { step: 0 } });
  const machine = { cpu: 'a processor', cores: 2, memoryBytes: 1, platform: 'linux-x64' };
  const versions = { zobench: '0.1.0', node: '20.0.0', backend: 'none 0', commit: null };
  const head = { recordVersion: RECORD_VERSION, cell: cellId(settings), settings, places: {}, machine, versions };
  const record = { ...head, startedAt: '2026-01-01T00:00:00.000Z', seconds: 1, state: 'completed', seedLog: null, ...result };
  expect(recordSchema.parse(JSON.parse(JSON.stringify(record)))).toEqual(record);
  return result;
}

const answered = ({ testAnswers = '' }: CellResult): string => testAnswers.replaceAll('-', '');

describe('zero-shot', () => {
  test('is the model that training begins with', async () => {
    const zeroShot = await run('zero-shot');
    expect(zeroShot.final).toEqual({ ...zeroShot.zeroShot, step: 0 });
    const trained = await runCell(await cellOf('full', { optimizer: ['zo-sgd'], steps: 1 }), () => undefined);
    expect(trained.result.zeroShot).toEqual(zeroShot.zeroShot);
    expect(answered(zeroShot)).toHaveLength(24);
    expect(answered(zeroShot).replaceAll('0', '')).toHaveLength(zeroShot.final.test.correct);
    expect(zeroShot.trainableParameters).toBe(0);
  });
});

describe('in-context learning', () => {
  test('shows as many demonstrations as it is told to and the context holds, and says how many', async () => {
    const few = await run('icl:shots=2');
    expect(few.demonstrations).toEqual({ drawn: 2, fewest: 2, mean: 2 });
    const many = await run('icl');
    const { drawn, fewest = NaN, mean = NaN } = many.demonstrations ?? {};
    // A context of 256 tokens holds some of 32 reviews.
    expect(drawn).toBe(32);
    expect(fewest).toBeGreaterThan(2);
    expect(mean).toBeGreaterThanOrEqual(fewest);
    expect(mean).toBeLessThan(32);
    expect(few.zeroShot).toEqual(many.zeroShot);
    expect(few.trainableParameters).toBe(0);
  });

  test('has the same demonstrations with the same seed, and no more than there are training items', async () => {
    const [one, again] = [await run('icl', { trainSize: 5 }), await run('icl', { trainSize: 5 })];
    expect(one.demonstrations?.drawn).toBe(5);
    expect([again.final, again.testAnswers]).toEqual([one.final, one.testAnswers]);
  });

  test('has the model write the answer where that is the task', async () => {
    const { metric, final, testAnswers, demonstrations } = await run('icl', { task: ['squad'], devSize: 2, testSize: 3 });
    expect([metric, final.test.total, testAnswers]).toEqual(['f1', 3, undefined]);
    expect(demonstrations?.drawn).toBe(32);
  });
});

describe('linear probing', () => {
  test('takes the strongest of the penalties that do best on dev', async () => {
    const { final, probe, trainableParameters, zeroShot } = await run('linear-probing');
    const tried = probe?.tried ?? [];
    expect(tried.map(({ c }) => Math.log10(c).toFixed(3))).toEqual(Array.from({ length: 10 }, (_, k) => (-4 + (8 * k) / 9).toFixed(3)));
    const best = Math.max(...tried.map(({ devScore }) => devScore));
    expect(probe?.c).toBe(tried.find(({ devScore }) => devScore === best)?.c);
    expect(final.dev.score).toBe(best);
    expect(tried.every(({ converged }) => converged)).toBe(true);
    // Two classes of a hidden size of 128, no intercepts.
    expect(trainableParameters).toBe(2 * 128);
    expect(zeroShot.test.total).toBe(24);
  });

  test('knows its training items again in any order: fewer than the features have dimensions can be told apart', async () => {
    const cell = await openCell(await cellOf('linear-probing'), cpuBackend(1));
    const { train } = cell.items;
    // Enough for two batches, and both classes.
    expect(train.reduce((sum, { trunk }) => sum + trunk.length, 0)).toBeGreaterThan(512);
    expect(new Set(train.map(({ answer }) => answer)).size).toBe(2);
    const turned = [...train.slice(17), ...train.slice(0, 17)];
    const { dev, test: judged } = await probe({ ...cell, items: { ...cell.items, dev: train.toReversed(), test: turned } });
    expect([dev.evaluation.score, judged.evaluation.score]).toEqual([1, 1]);
  });

  test('never looks at test items to choose', async () => {
    const [one, other] = [await run('linear-probing', { testSize: 8 }), await run('linear-probing', { testSize: 16 })];
    expect(other.probe).toEqual(one.probe);
    expect(other.final.dev).toEqual(one.final.dev);
  });
});

describe('a scheme that trains nothing', () => {
  const options: Options = { ...sizes, model: ['opt-mini'], task: ['sst2'], optimizer: ['zo-sgd', 'fo-adam'] };
  const scheme = ['zero-shot', 'icl', 'linear-probing', 'full'];

  test('has one cell, whatever the optimizers, and a plan of it', async () => {
    const cells = await planCells({ ...options, scheme }, catalog);
    expect(cells.map(({ settings }) => `${settings.scheme} ${settings.optimizer}`)).toEqual([
      ...['zero-shot none', 'icl none', 'linear-probing none'],
      ...['full zo-sgd', 'full fo-adam'],
    ]);
    const text = planText(await planOf(cells, () => false, 1, catalog));
    expect(text).toContain('opt-mini sst2 icl none seed 0');
    expect(text).not.toContain('NaN');
  });

  test('has the same cell with other settings of training, another one with other items', async () => {
    const id = async (more: Options): Promise<string | undefined> =>
      (await planCells({ ...options, scheme: ['icl'], ...more }, catalog))[0]?.id;
    const own = await id({});
    const training = {
      steps: 7,
      batchSize: 3,
      learningRate: 1,
      epsilon: 1,
      weightDecay: 1,
      objective: 'accuracy',
      schedule: 'cosine',
    } as const;
    expect(await id({ ...training, optimizer: ['zo-sgd'] })).toBe(own);
    expect(await id({ scheme: ['icl:shots=32'] })).toBe(own);
    expect(await id({ scheme: ['icl:shots=31'] })).not.toBe(own);
    expect(await id({ trainSize: 59 })).not.toBe(own);
  });

  test('does not hide a misspelt optimizer', async () => {
    await expect(planCells({ ...options, scheme: ['icl'], optimizer: ['zo-sdg'] }, catalog)).rejects.toThrow('did you mean zo-sgd?');
  });

  test.each(['copa', 'squad'])('is refused before anything runs where it is a probe and %s has no classes', async (task) => {
    await expect(cellOf('linear-probing', { task: [task] })).rejects.toThrow(
      new UnfitError(
        `scheme linear-probing: the items of ${task} have answers of their own, not classes: take --scheme head, as MeZO does`,
      ),
    );
  });

  test('is refused where demonstrations would stand before a mask', async () => {
    const asked = { task: 'sst2', data: 'bundled', template: 'aligned' } as const;
    await expect(catalog.checkScheme({ ...asked, scheme: 'icl' }, 'masked')).rejects.toThrow(UnfitError);
    await expect(catalog.checkScheme({ ...asked, scheme: 'linear-probing' }, 'masked')).resolves.toBeUndefined();
  });
});

describe('where every training item is a test item too', () => {
  const same = jsonl(...Array.from({ length: 8 }, (_, index) => ({ sentence: `film ${index}`, label: index % 2 })));
  const asked = { task: ['sst2'], trainSize: 4, devSize: 4, testSize: 8 };

  test('a model that is asked at once does not care, and no item is left out', async () => {
    const data = folderWith({ 'train.jsonl': same, 'validation.jsonl': same });
    const result = await run('zero-shot', { ...asked, data });
    expect([result.final.test.total, result.splits, result.overlap]).toEqual([8, { train: 4, dev: 4, test: 8 }, undefined]);
  });

  test.each(['icl', 'linear-probing', 'lora', 'full'])('%s is refused before anything runs', async (scheme) => {
    const data = folderWith({ 'train.jsonl': same, 'validation.jsonl': same });
    const cells = planCells({ ...asked, data, model: ['opt-mini'], scheme: [scheme], optimizer: ['zo-sgd'], seeds: 1 }, catalog);
    expect(await complaint(cells)).toMatch(/every training item is a test item too/);
  });

  test.each(['icl', 'linear-probing', 'lora'])('%s leaves out those that are, and its cells know how many', async (scheme) => {
    const others = jsonl(...Array.from({ length: 12 }, (_, index) => ({ sentence: `other ${index}`, label: index % 2 })));
    const data = folderWith({ 'train.jsonl': same + others, 'validation.jsonl': same });
    const choice = { task: 'sst2', data, template: 'aligned', scheme } as const;
    expect(await catalog.overlap(choice, 'causal')).toBe(8);
    expect(await catalog.overlap({ ...choice, scheme: 'zero-shot' }, 'causal')).toBe(0);
  });
});
