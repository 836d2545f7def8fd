import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { loadModel, loadTokenizer, openCheckpoint, saveModel, unadapted, type Adaptation, type Checkpoint } from '../../models/index.js';
import { readSafetensorsHeader } from '../../models/safetensors.js';
import { schemeNamed } from '../../schemes/index.js';
import { writeTinyCheckpoint } from '../support/tiny-checkpoint.js';

const folder = mkdtempSync(join(tmpdir(), 'zobench-test-'));
const source = join(folder, 'source');
let checkpoint: Checkpoint;
beforeAll(() => {
  writeTinyCheckpoint(source);
  const config = JSON.parse(readFileSync(join(source, 'config.json'), 'utf8')) as object;
  writeFileSync(join(source, 'config.json'), JSON.stringify({ ...config, torch_dtype: 'float16' }));
  checkpoint = openCheckpoint(source);
});
afterAll(() => rmSync(folder, { recursive: true }));

const headOf = (out: string): string[][] => readSafetensorsHeader(join(out, 'model.safetensors')).map(({ name, dtype }) => [name, dtype]);

test('a whole model is saved as a folder that opens as the same model, its type being the one it is stored in', async () => {
  const model = await loadModel(checkpoint, unadapted);
  model.parameters.move(1, 0.1);
  const out = join(folder, 'whole');
  saveModel(out, model, checkpoint, unadapted);
  const again = openCheckpoint(out);
  expect(again.config).toEqual({ ...checkpoint.config, torch_dtype: 'float32' });
  const opened = await loadModel(again, unadapted);
  for (const parameter of model.parameters.all) {
    expect(opened.parameters.values(opened.parameters.get(parameter.name))).toEqual(model.parameters.values(parameter));
  }
  for (const name of ['tokenizer.json', 'tokenizer_config.json']) {
    expect(readFileSync(join(out, name))).toEqual(readFileSync(join(source, name)));
  }
});

test('a tokenizer without tokenizer.json keeps its added tokens and its prefix space when it is saved', async () => {
  const original = join(folder, 'vocabulary');
  writeTinyCheckpoint(original);
  rmSync(join(original, 'tokenizer.json'));
  const vocabulary = { '<s>': 0, '<pad>': 1, '</s>': 2, '<unk>': 3, '<mask>': 4, a: 5, '\u0120': 6, '\u0120a': 7 };
  const files = {
    'config.json': { ...openCheckpoint(original).config, model_type: 'opt' },
    'vocab.json': vocabulary,
    'added_tokens.json': { '<old>': 9 },
    'tokenizer_config.json': { add_prefix_space: true },
    'special_tokens_map.json': { additional_special_tokens: ['<new>'] },
  };
  for (const [name, content] of Object.entries(files)) writeFileSync(join(original, name), JSON.stringify(content));
  writeFileSync(join(original, 'merges.txt'), '\u0120 a\n');
  const opened = openCheckpoint(original);
  const out = join(folder, 'vocabulary-saved');
  saveModel(out, await loadModel(opened, unadapted), opened, unadapted);
  expect(loadTokenizer(out).encode('a<old><new>')).toEqual([2, 7, 9, 10]);
});

test('of a model with added parameters these alone are saved', async () => {
  const withOwnForm = schemeNamed('prompt').adaptation(1);
  const adaptation = Object.fromEntries(Object.entries(withOwnForm).filter(([name]) => name !== 'save')) as unknown as Adaptation;
  const model = await loadModel(checkpoint, adaptation);
  const out = join(folder, 'added');
  saveModel(out, model, checkpoint, adaptation);
  expect(headOf(out)).toEqual(model.parameters.trainable.map(({ name }) => [name, 'F32']).sort());
  expect(existsSync(join(out, 'config.json'))).toBe(false);
});

test('the checkpoint itself is not written over', async () => {
  const before = readFileSync(join(source, 'model.safetensors'));
  const model = await loadModel(checkpoint, unadapted);
  expect(() => saveModel(join(folder, '.', 'source'), model, checkpoint, unadapted)).toThrow('is the folder of the checkpoint itself');
  expect(readFileSync(join(source, 'model.safetensors'))).toEqual(before);
});
