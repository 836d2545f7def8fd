import { cpSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { catalog, planCells, planningCatalog } from '../../../benchmarks/plan/index.js';
import { InputError, UnfitError } from '../../../engine/index.js';
import { writeTinyCheckpoint } from '../../support/tiny-checkpoint.js';

// What a cell would fail at is found before anything runs.

const root = mkdtempSync(join(tmpdir(), 'zobench-test-'));
const whole = join(root, 'whole');
beforeAll(() => writeTinyCheckpoint(whole));
afterAll(() => rmSync(root, { recursive: true }));

let model = '';
let count = 0;
beforeEach(() => {
  model = join(root, `model-${count++}`);
  cpSync(whole, model, { recursive: true });
});

const asked = () => ({ model: [model], task: ['sst2'], scheme: ['full'], optimizer: ['zo-sgd'], seeds: 1 });
const without = (name: string) => rmSync(join(model, name));

test('a whole model passes', async () => {
  await expect(planCells(asked(), catalog)).resolves.toHaveLength(1);
});

describe('a model is refused, for a run and for a plan of it,', () => {
  test.each<[string, () => void, RegExp]>([
    [
      'whose weights are cut',
      () => truncateSync(join(model, 'model.safetensors'), 40_000),
      /model\.safetensors: tensor \S+: data_offsets .* fetch it again/,
    ],
    [
      'whose shard is not there',
      () => {
        without('model.safetensors');
        const map = { 'model.decoder.embed_tokens.weight': 'model-00001-of-00001.safetensors' };
        writeFileSync(join(model, 'model.safetensors.index.json'), JSON.stringify({ weight_map: map }));
      },
      /index\.json names model-00001-of-00001\.safetensors, which is not in the folder/,
    ],
    [
      'of which a tensor has another shape than its configuration says',
      () => {
        const file = join(model, 'config.json');
        writeFileSync(file, JSON.stringify({ ...(JSON.parse(readFileSync(file, 'utf8')) as object), ffn_dim: 8 }));
      },
      /tensor \S+ in \S+model\.safetensors has shape \[[\d, ]+\], the model needs \[[\d, ]+\]/,
    ],
    ['that has no tokenizer', () => ['tokenizer.json', 'tokenizer_config.json'].forEach(without), /tokenizer/],
  ])('%s', async (_, damage, complaint) => {
    damage();
    await expect(planCells(asked(), catalog)).rejects.toThrow(InputError);
    await expect(planCells(asked(), catalog)).rejects.toThrow(complaint);
    const leftOut: UnfitError[] = [];
    await expect(planCells(asked(), planningCatalog, (reason) => leftOut.push(reason))).resolves.toEqual([]);
    expect(leftOut.map(({ message }) => message)).toEqual([expect.stringMatching(complaint)]);
  });
});

test('a configuration alone can be planned for, and not run', async () => {
  without('model.safetensors');
  await expect(planCells(asked(), planningCatalog)).resolves.toHaveLength(1);
  await expect(planCells(asked(), catalog)).rejects.toThrow('has no weights');
});
