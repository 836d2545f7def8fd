import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Options } from '../../../benchmarks/plan/arguments.js';
import { catalog, planningCatalog } from '../../../benchmarks/plan/known-catalog.js';
import { planCells } from '../../../benchmarks/plan/cells.js';
import { type Catalog } from '../../../benchmarks/plan/catalog.js';
import { type Cell } from '../../../benchmarks/plan/cell.js';
import { type OptimizerTraits } from '../../../optimizers/index.js';
import { estimateSeconds, judgingWork, modelSize, stepWork, type ModelSize } from '../../../benchmarks/plan/estimate.js';
import { lengthsOf, plannedData } from '../../../cell/task-data.js';
import { sayOverlaps } from '../../../benchmarks/plan/overlaps.js';
import { planOf, planText } from '../../../benchmarks/plan/plan-text.js';
import { runBench } from '../../../benchmarks/run/run.js';
import { data, fakeParts } from '../fixtures/parts.js';
import { bundledModelFolder, loadTokenizer, type Tokenizer } from '../../../models/index.js';
import { mean } from '../../../statistics/moments.js';
import { type CellSettings } from '../../../records/record.js';
import { NoDataError, openTask, taskIds, type Limits } from '../../../tasks/index.js';
import { InputError, UsageError } from '../../../engine/errors.js';
import { schemeNamed } from '../../../schemes/index.js';
import { settings } from '../fixtures/settings.js';
import { folderWith, jsonl } from '../../support/data-folder.js';
import { tinyConfigs, tinyModel } from '../../support/tiny-model.js';

let model = '';
beforeAll(() => {
  model = mkdtempSync(path.join(tmpdir(), 'model-'));
  writeFileSync(path.join(model, 'config.json'), JSON.stringify(tinyConfigs.opt));
});
afterAll(() => rmSync(model, { recursive: true }));

describe("a model's size", () => {
  test('comes from its configuration alone, whatever weights are there', async () => {
    const { parameters, architecture } = tinyModel('opt');
    const count = parameters.all.reduce((sum, parameter) => sum + parameter.count, 0);
    const { maxLength } = architecture.dimensions;
    const size = await modelSize(model, 'full');
    expect(size).toMatchObject({ parameters: count, maxLength });
    expect(size.trained.map(({ shape }) => shape)).toEqual(parameters.all.map(({ shape }) => shape));
    const lora = schemeNamed('lora').adaptation(0);
    expect((await modelSize(model, 'lora')).trained).toHaveLength(tinyModel('opt', lora).parameters.trainable.length);
  });

  test('says what of the blocks a scheme trains and changes, and the tokens that it adds', async () => {
    const { num_hidden_layers: layers, hidden_size: width, ffn_dim: inner } = tinyConfigs.opt;
    const blocks = layers * (4 * width * (width + 1) + 2 * width * inner + inner + width + 4 * width);
    expect((await modelSize(model, 'full')).blocks).toEqual({ parameters: blocks, trained: 1, moving: 1 });
    expect((await modelSize(model, 'head')).blocks).toEqual({ parameters: blocks, trained: 0, moving: 0 });
    const { blocks: changed, virtualTokens } = await modelSize(model, 'prompt:length=7');
    expect([changed, virtualTokens]).toEqual([{ parameters: blocks, trained: 0, moving: 1 }, 7]);
  });

  test('of a folder without a configuration, or with one of no family, is refused with the file', async () => {
    const other = mkdtempSync(path.join(tmpdir(), 'model-'));
    await expect(modelSize(other, 'full')).rejects.toThrow(`${path.join(other, 'config.json')} does not exist`);
    writeFileSync(path.join(other, 'config.json'), JSON.stringify({ model_type: 'constructor' }));
    await expect(modelSize(other, 'full')).rejects.toThrow(/config\.json: model_type: "constructor" is not supported/);
    rmSync(other, { recursive: true });
  });
});

const zeroth: OptimizerTraits = {
  id: 'zo',
  order: 'zeroth',
  cost: { forwards: 2, backwards: 0 },
  defaults: { learningRate: 1 },
  stateArrays: 0,
};
const first: OptimizerTraits = { ...zeroth, order: 'first', cost: { forwards: 1, backwards: 1 } };
const tangent: OptimizerTraits = { ...zeroth, order: 'forward-mode', cost: { forwards: 1, backwards: 0 } };

/** 4 blocks of 250,000 parameters, all of which are trained. */
const size: ModelSize = {
  kind: 'causal',
  parameters: 1e6,
  maxLength: 256,
  vocabularySize: 512,
  width: 100,
  virtualTokens: 0,
  trained: [0, 1, 2, 3].map((block) => ({ stage: `block.${block}`, local: 'weight', shape: [250, 1000] })),
  blocks: { parameters: 1e6, trained: 1, moving: 1 },
  warnings: [],
};

describe('the work of a step of 16 items of 20 tokens and 5 of candidates, 3 of the right one', () => {
  const work = (optimizer: OptimizerTraits, model = size, of = data) => stepWork(settings, optimizer, model, of);

  test.each([
    ['two forward passes', zeroth, { passes: 2, tokens: 16 * 25 * 2 }],
    ['a forward pass and a backward one, twice as dear', first, { passes: 3, tokens: 16 * 25 * 3 }],
    ['a forward pass with its tangent, as dear', tangent, { passes: 3, tokens: 16 * 25 * 3 }],
  ])('is that of %s', (_, optimizer, wanted) => {
    expect(work(optimizer)).toEqual(wanted);
  });

  test('is of the right candidate alone where that is trained on, and of the tokens that the scheme adds', () => {
    const answering = { ...data, task: { ...data.task, training: 'answer' as const } };
    expect(work(zeroth, size, answering).tokens).toBe(16 * 23 * 2);
    expect(work(zeroth, { ...size, virtualTokens: 10 }).tokens).toBe(16 * 35 * 2);
  });

  test('is without the gradients of frozen weights', () => {
    expect(work(first, { ...size, blocks: { ...size.blocks, trained: 0 } }).tokens).toBe(16 * 25 * 2);
  });

  test('is once, for all points and without a gradient, where the scheme changes nothing but the head', () => {
    const head = { ...size, blocks: { ...size.blocks, trained: 0, moving: 0 } };
    expect([zeroth, first].map((optimizer) => work(optimizer, head).tokens)).toEqual([16 * 25, 16 * 25]);
    const lastOfFour = { ...size, blocks: { ...size.blocks, trained: 0.25, moving: 0.25 } };
    expect(work(zeroth, lastOfFour).tokens).toBe(16 * 25 * (2 * 0.25 + 0.75));
  });

  test('counts the passes for each block and each batch of the training set', () => {
    const cost = { forwards: 2, backwards: 0, perBlock: { forwards: 3, blocks: () => 4 }, forwardsPerTrainingBatch: 0.5 };
    // 64 training examples are 4 batches.
    expect(work({ ...zeroth, cost }).passes).toBe(2 + 3 * 4 + 0.5 * 4);
  });
});

describe('the work of the evaluations of 32 dev and 64 test items', () => {
  const work = (changes: Partial<CellSettings> = {}, of = data) => judgingWork({ ...settings, ...changes }, size, of);
  const untrained = (scheme: string) => work({ scheme, learningRate: null, steps: 0 });

  test('is dev before, twice in 20 steps, and test before and after: all candidates, in batches of 512 tokens', () => {
    expect(work()).toEqual({ passes: (224 * 25) / 512, tokens: 224 * 25 });
    expect(work({ evaluateEvery: 8 }).tokens).toBe((32 * 4 + 64 * 2) * 25);
  });

  test('is of no more test items than there are', () => {
    expect(work({}, { ...data, testItems: 10 }).tokens).toBe((32 * 3 + 10 * 2) * 25);
  });

  test('is a pass for each item that is longer than a batch', () => {
    expect(work({}, { ...data, lengths: { ...data.lengths, prompt: 1000 } }).passes).toBe(224);
  });

  test('of answers that are written is a pass for each token of the longest of a batch', () => {
    const written = { ...data, task: { ...data.task, metric: 'f1' as const } };
    // 2 x 3 tokens and the one that ends them; room for 50 is kept.
    expect(work({}, written)).toEqual({ passes: (7 * 224 * 70) / 512, tokens: 224 * 27 });
  });

  test('without training is dev and test once, again after demonstrations that fill the context, or features', () => {
    expect(untrained('zero-shot').tokens).toBe(96 * 25);
    expect(untrained('icl').tokens).toBe(96 * 25 + 96 * (256 + 5));
    expect(untrained('icl:shots=2').tokens).toBe(96 * 25 + 96 * (20 + 2 * 23 + 5));
    expect(untrained('linear-probing').tokens).toBe(96 * 25 + (64 + 32 + 64) * 20);
  });
});

test('an estimate of time is the start, 3 ms a pass, 2 ns a trained parameter and pass, and the products at 50 GFLOP/s', () => {
  const [passes, tokens] = [20 * 2 + (224 * 25) / 512, 20 * 16 * 25 * 2 + 224 * 25];
  const wanted = 1.6 + 3e-3 * passes + 2e-9 * 1e6 * 20 * 2 + (2 * 1e6 * tokens) / 50e9;
  expect(estimateSeconds(settings, zeroth, size, data)).toBeCloseTo(wanted, 9);
});

const limits = (maxLength: number): Limits => ({ maxLength, vocabularySize: 1e6 });

describe("items' lengths", () => {
  const words: Tokenizer = {
    encode: (text) => text.split(/(?= )/).map((word) => word.length),
    decode: () => '',
    vocabularySize: 99,
    tokenId: () => undefined,
    bosId: undefined,
    eosId: undefined,
    padId: undefined,
    around: { before: [], after: [] },
    addedTokens: [],
  };
  const items = [
    { prompt: 'It was a film of', candidates: [' very great cars', ' cars'], answer: 0 },
    { prompt: 'So', candidates: [' yes', ' no'], answer: 1 },
  ];

  test('are the tokens that are read: of a candidate all but the last', () => {
    expect(lengthsOf(items, words, limits(256))).toEqual({ prompt: 3, candidates: 1, answer: 1 });
  });

  test('without a tokenizer are a quarter of the characters', () => {
    expect(lengthsOf(items.slice(0, 1), undefined, limits(256))).toEqual({ prompt: 4, candidates: 3.25, answer: 3 });
    expect(lengthsOf(items.slice(0, 1), undefined, limits(3)).prompt).toBe(3);
  });

  test('of a sample from all over the data are those of all', async () => {
    const choice = { task: 'squad', data: 'bundled', template: 'aligned' as const, model: 'opt-mini', scheme: 'full' };
    const { lengths } = await plannedData(choice, { kind: 'causal', ...limits(256) });
    const { source } = await openTask(choice, 'causal');
    const tokenizer = loadTokenizer(bundledModelFolder('opt-mini'));
    const all = source.train.map((item) => tokenizer.encode(item.prompt).length);
    expect(lengths.prompt / mean(all)).toBeCloseTo(1, 1);
  });
});

test('--plan lists every cell and the total, runs nothing and writes nothing', async () => {
  const out = path.join(model, 'out');
  const stdout = new PassThrough({ encoding: 'utf8' });
  const stderr = new PassThrough({ encoding: 'utf8' });
  const code = await runBench(['--grid', 'smoke', '--model', model, '--plan', '--out', out], { ...fakeParts, stdout, stderr });
  const text = stdout.read() as string;
  expect(code).toBe(0);
  expect(text.match(/^[0-9a-f]{16} .* to run$/gm)).toHaveLength(4);
  expect(text).toMatch(/^4 of 4 cells to run, 1 at a time: about [\d.]+ s, about [\d.]+ MiB at most$/m);
  expect(text).toContain('Estimates, not measurements');
  expect(stderr.read()).toBeNull();
  expect(existsSync(out)).toBe(false);
});

test('a plan says how many of the open cells cannot run here, and why the first of them', async () => {
  const tooLarge: Catalog['predictPeak'] = ({ scheme }) =>
    Promise.resolve({ bytes: 1, ...(scheme === 'full' && { refusal: 'it is too large' }) });
  const fake = { ...fakeParts.catalog, predictPeak: tooLarge };
  const cells = await planCells({ grid: 'smoke', optimizer: ['zo-sgd', 'fo-sgd'] }, fake);
  const lines = async (isDone: (cell: Cell) => boolean) => planText(await planOf(cells, isDone, 1, fake)).match(/^.*fit this machine.*$/gm);
  expect(await lines(() => false)).toEqual(['2 of the cells do not fit this machine, the first for this: it is too large']);
  expect(await lines(({ settings }) => settings.scheme === 'full')).toBeNull();
});

describe("a plan of the papers' tasks", () => {
  const options: Options = { task: ['rte', 'copa', 'sst2'], optimizer: ['zo-sgd'], scheme: ['full', 'linear-probing'], seeds: 1 };
  const plan = async (asked: Options) => {
    const leftOut: string[] = [];
    const cells = await planCells(asked, planningCatalog, ({ message }) => leftOut.push(message));
    return { cells, leftOut, text: planText(await planOf(cells, () => false, 1, planningCatalog)) };
  };

  test.each(['copa', 'winogrande', 'squad', 'record'])(
    'by class leaves out %s, which has no classes, and plans the others',
    async (task) => {
      const { cells, leftOut } = await plan({ ...options, task: ['sst2', task], scheme: ['full'], perClass: 16, model: ['opt-mini'] });
      expect(cells.map(({ settings: { task: of, trainSize, devSize } }) => [of, trainSize, devSize])).toEqual([['sst2', 32, 32]]);
      expect(leftOut).toEqual([`--per-class: the items of ${task} have answers of their own, not classes`]);
      await expect(planCells({ ...options, task: [task], perClass: 16, model: ['opt-mini'] }, planningCatalog)).rejects.toThrow(UsageError);
    },
  );

  test('says how many training items are left out as test items ask the same', async () => {
    const row = (text: string) => ({ text, label: 0 });
    const folder = folderWith({ 'a.jsonl': jsonl(...['A', 'B', 'C', 'D'].map(row)), 't.jsonl': jsonl(row('B'), row('D'), row('E')) });
    const [task, testFile] = [path.join(folder, 'a.jsonl'), path.join(folder, 't.jsonl')] as const;
    const own = { task: [task], prompt: '{text} It was', candidates: ' bad, great', label: 'label', testFile };
    const { cells } = await plan({ ...options, ...own, scheme: ['full', 'zero-shot'], model: ['opt-mini'] });
    const stderr = new PassThrough({ encoding: 'utf8' });
    await sayOverlaps(cells, planningCatalog, stderr);
    expect(stderr.read()).toBe('a: 2 training items ask the same as a test item and are left out\n');
  });

  test('without their data takes their published sizes and usual lengths, and says so in one line', async () => {
    const { cells, leftOut, text } = await plan({ ...options, model: ['opt-mini'] });
    const sizes = cells.map(({ settings: { task, trainSize, devSize } }) => [task, trainSize, devSize]);
    expect(sizes).toEqual([
      ...Array<unknown>(2).fill(['rte', 1000, 500]),
      ['copa', 1000, 100],
      ...Array<unknown>(2).fill(['sst2', 1000, 500]),
    ]);
    expect(leftOut).toEqual([expect.stringContaining('the items of copa have answers of their own')]);
    expect(text.split('\n').filter((line) => line.includes('not there'))).toEqual([
      expect.stringMatching(/^The data of rte are not there: their published sizes and usual lengths are taken\..* \(rte\/\) .*--data/),
    ]);
  });

  test('in a folder that has none is that of all of them, with as many items as are published', async () => {
    const { cells, text } = await plan({ ...options, model: ['opt-mini'], data: model });
    expect(cells.find(({ settings: { task } }) => task === 'copa')?.settings).toMatchObject({ trainSize: 300, devSize: 100 });
    expect(text).toContain('The data of rte, copa, sst2 are not there');
  });

  test('is possible for every task that there is', async () => {
    for (const task of taskIds) {
      const kind = ['sst5', 'snli', 'mnli', 'trec'].includes(task) ? 'masked' : 'causal';
      const choice = { task, data: model, template: 'aligned' as const, model, scheme: 'full' };
      const { counts, testItems, lengths } = await plannedData(choice, { kind, ...limits(2048) });
      expect([counts.items, testItems, lengths.prompt].every((count) => count > 0)).toBe(true);
    }
  });

  test('leaves out a model whose shapes cannot be had, with the reason; what is run still needs data and shapes', async () => {
    const nowhere = mkdtempSync(path.join(tmpdir(), 'model-'));
    const { cells, leftOut } = await plan({ ...options, model: ['opt-mini', nowhere, 'facebook/opt-13b'] });
    expect(new Set(cells.map(({ settings }) => settings.model))).toEqual(new Set(['opt-mini', 'facebook/opt-13b']));
    expect(leftOut).toContain(`${path.join(nowhere, 'config.json')} does not exist`);
    rmSync(nowhere, { recursive: true });
    await expect(planCells({ ...options, model: ['opt-mini'] }, catalog)).rejects.toThrow(NoDataError);
    await expect(planCells({ ...options, task: ['sst2'], model: [nowhere] }, catalog)).rejects.toThrow(InputError);
  });
});
