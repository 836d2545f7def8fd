import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { AnswerWriter } from '../../training/answers.js';
import { Engines } from '../../training/engines.js';
import { evaluate } from '../../training/evaluate.js';
import { cpuBackend } from '../../engine/index.js';
import {
  countParameters,
  bundledModelFolder,
  bundledModelIds,
  loadModel,
  loadTokenizer,
  openCheckpoint,
  unadapted,
} from '../../models/index.js';
import { miniModels } from '../../scripts/mini-models.js';
import { encodeExample, modelKind, openTask, sampleSplits } from '../../tasks/index.js';

const MAX_BYTES = 3e6;

/** The bundled tasks that a model can be asked, with so many test items as are read here: written answers take longest. */
const tasksOf = (id: string): [task: string, items: number][] =>
  id === 'roberta-mini'
    ? [['sst2', 500]]
    : [
        ['sst2', 500],
        ['copa', 500],
        ['winogrande', 500],
        ['squad', 200],
      ];

test('the bundled models are those that the pre-training script knows, each in a folder of its name', () => {
  expect([...bundledModelIds].sort()).toEqual(Object.keys(miniModels).sort());
  expect(readdirSync(join(bundledModelFolder('opt-mini'), '..')).sort()).toEqual([...bundledModelIds].sort());
});

const models = await Promise.all(
  bundledModelIds.map(async (id) => {
    const checkpoint = openCheckpoint(bundledModelFolder(id));
    return { id, checkpoint, model: await loadModel(checkpoint, unadapted) };
  }),
);

describe.each(models)('$id', ({ id, checkpoint, model }) => {
  const { folder } = checkpoint;
  const tokenizer = loadTokenizer(folder);

  test('has about a million parameters, in at most 3 MB', () => {
    const parameters = countParameters(model.architecture);
    expect(parameters).toBeGreaterThan(0.9e6);
    expect(parameters).toBeLessThan(1.1e6);
    const bytes = readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
    expect(bytes).toBeLessThan(MAX_BYTES);
    const weights = statSync(join(folder, 'model.safetensors')).size;
    expect(weights).toBeGreaterThan(2 * parameters); // float16, and a header
    expect(weights).toBeLessThan(2 * parameters + 10_000);
  });

  test('has the configuration that the pre-training script gives it, and a token for each row of its embedding', () => {
    const { start } = miniModels[id] ?? {};
    const { config } = (typeof start === 'string' ? miniModels[start]?.start : start) as { config: object };
    expect(checkpoint.config).toEqual(config);
    expect(tokenizer.vocabularySize).toBe(model.architecture.dimensions.vocabularySize);
    expect(['bosId', 'eosId', 'padId'].filter((role) => tokenizer[role as 'bosId'] === undefined)).toEqual([]);
  });

  test('has a card with the command that makes it', () => {
    const card = readFileSync(join(folder, 'README.md'), 'utf8');
    const { steps, documents, learningRate } = miniModels[id]?.training ?? { steps: 0, documents: 0, learningRate: 0 };
    expect(card).toContain(`npm run pretrain -- --model ${id} --`);
    expect(card).toContain(`--steps ${steps} --documents ${documents} --learning-rate ${learningRate} --seed 1\``);
    expect(card).toContain(`${countParameters(model.architecture).toLocaleString('en')} parameters`);
  });

  test.each(tasksOf(id))('answers %s without training better than chance, and can still be improved', async (name, count) => {
    const { task, source } = await openTask({ task: name, data: 'bundled', template: 'aligned' }, modelKind(model));
    const { test: items } = sampleSplits(source, { trainSize: 1, devSize: 1, testSize: count }, 1);
    const encoded = items.map((example) => encodeExample(tokenizer, example, model.architecture.dimensions));
    const writer = task.metric === 'f1' ? new AnswerWriter(model, tokenizer) : undefined;
    const { score } = await evaluate(new Engines(cpuBackend(1), model, undefined, writer), encoded, tokenizer.padId ?? 0);
    expect(score).toBeGreaterThan(0.55);
    expect(score).toBeLessThan(0.8);
  });
});
