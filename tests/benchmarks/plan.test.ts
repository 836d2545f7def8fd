import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { OptimizerTraits } from '../../benchmarks/cells.js';
import { estimateSeconds, modelSize } from '../../benchmarks/estimate.js';
import { runBench } from '../../benchmarks/run.js';
import { fakeParts } from './fixtures/parts.js';
import { schemeNamed } from '../../schemes/index.js';
import { settings } from './fixtures/settings.js';
import { tinyConfigs, tinyModel } from '../support/tiny-model.js';

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

  test('of a folder without a configuration, or with one of no family, is refused with the file', async () => {
    const other = mkdtempSync(path.join(tmpdir(), 'model-'));
    await expect(modelSize(other, 'full')).rejects.toThrow(`${path.join(other, 'config.json')} does not exist`);
    writeFileSync(path.join(other, 'config.json'), JSON.stringify({ model_type: 'constructor' }));
    await expect(modelSize(other, 'full')).rejects.toThrow(/config\.json: model_type: "constructor" is not supported/);
    rmSync(other, { recursive: true });
  });
});

describe('an estimate of time', () => {
  const trained = [0, 1, 2, 3].map((block) => ({ stage: `block.${block}`, local: 'weight', shape: [250, 1000] }));
  const size = { kind: 'causal' as const, parameters: 1e6, maxLength: 256, trained };
  const zeroth: OptimizerTraits = {
    id: 'zo',
    order: 'zeroth',
    cost: { forwards: 2, backwards: 0 },
    defaults: { learningRate: 1 },
    stateArrays: 0,
  };
  const first: OptimizerTraits = { ...zeroth, order: 'first', cost: { forwards: 1, backwards: 1 }, stateArrays: 1 };
  const tangent: OptimizerTraits = { ...zeroth, order: 'forward-mode', cost: { forwards: 1, backwards: 0 } };
  const estimate = (optimizer: OptimizerTraits): number => estimateSeconds(settings, optimizer, size);

  test.each([
    ['two forward passes', zeroth, 2],
    ['a forward and a backward pass', first, 3],
    ['a forward pass with its tangent', tangent, 2],
  ])('for %s is 2 operations per parameter, token and pass at 40 GFLOP/s', (_, optimizer, passes) => {
    // 20 steps of 16 examples, 32 dev examples three times, 64 test examples twice; 64 tokens each.
    const tokens = (20 * 16 * passes + 32 * 3 + 64 * 2) * 64;
    expect(estimate(optimizer)).toBeCloseTo((2 * 1e6 * tokens) / 40e9, 12);
  });

  test('counts the passes for each block and each batch of the training set', () => {
    const optimizer = {
      ...zeroth,
      cost: { forwards: 2, backwards: 0, perBlock: { forwards: 3, blocks: () => 4 }, forwardsPerTrainingBatch: 0.5 },
    };
    // 4 blocks, and 64 training examples in batches of 16.
    const extra = 3 * 4 + 0.5 * 4;
    const wanted = (2 * 1e6 * 20 * 16 * extra * 64) / 40e9;
    expect(estimate(optimizer) - estimate(zeroth)).toBeCloseTo(wanted, 9);
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
  expect(text).toMatch(/^4 of 4 cells to run, 1 at a time: about \d+ s, about \d+ MiB at most$/m);
  expect(text).toContain('Estimates, not measurements');
  expect(stderr.read()).toBeNull();
  expect(existsSync(out)).toBe(false);
});
