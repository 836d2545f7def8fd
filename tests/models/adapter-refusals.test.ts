import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { InputError } from '../../engine/index.js';
import { modelConfig, modelFolder, openCheckpoint } from '../../models/index.js';
import { type TensorData } from '../../models/safetensors.js';
import { factorsOf, noiseTensor, peftConfig, writeAdapter, writeBase } from '../support/adapters.js';

const root = mkdtempSync(join(tmpdir(), 'zobench-adapter-'));
afterAll(() => rmSync(root, { recursive: true }));

describe('one line for', () => {
  const layers = [0, 1].flatMap((layer) => ['q_proj', 'v_proj'].map((name) => `model.decoder.layers.${layer}.self_attn.${name}`));
  const tensors = layers.flatMap((layer) => factorsOf(layer, 16, 16, 4));
  const folder = join(root, 'refused', 'adapter');
  beforeAll(() => void writeBase(join(root, 'refused', 'base'), 'opt'));

  async function expectRefused(line: RegExp): Promise<void> {
    const refusals = await Promise.all(
      [() => openCheckpoint(folder), () => modelConfig(folder)].map(async (open) => {
        try {
          return await open();
        } catch (error) {
          return error;
        }
      }),
    );
    for (const refusal of refusals) {
      expect(refusal).toBeInstanceOf(InputError);
      const { message } = refusal as InputError;
      expect(message).toMatch(line);
      expect(message).not.toContain('\n');
    }
  }

  test.each<[string, object, RegExp]>([
    ['DoRA', { use_dora: true }, /adapter_config\.json: use_dora: true is not supported/],
    ['biases', { bias: 'all' }, /adapter_config\.json: bias: .*none/],
    ['modules that were trained whole', { modules_to_save: ['classifier'] }, /modules_to_save: \["classifier"\] is not supported/],
    ['ranks by layer', { rank_pattern: { q_proj: 2 } }, /rank_pattern: .* is not supported/],
    ['alphas by layer', { alpha_pattern: { q_proj: 2 } }, /alpha_pattern: .* is not supported/],
    ['PiSSA', { init_lora_weights: 'pissa_niter_4' }, /init_lora_weights: /],
    ['OLoRA', { init_lora_weights: 'olora' }, /init_lora_weights: /],
    ['LoftQ', { init_lora_weights: 'loftq' }, /init_lora_weights: /],
    ['prefixes', { peft_type: 'PREFIX_TUNING' }, /peft_type: "PREFIX_TUNING" is not supported/],
    ['prompts', { peft_type: 'PROMPT_TUNING' }, /peft_type: "PROMPT_TUNING" is not supported/],
    ['layers that are repeated', { layer_replication: [[0, 2]] }, /layer_replication: .* is not supported/],
    ['tokens that are trained', { trainable_token_indices: [1] }, /trainable_token_indices: \[1\] is not supported/],
    ['what nobody knows', { use_nova: 3 }, /use_nova: 3 is not supported: where it changes nothing, set it to null/],
    ['another rank than its tensors have', { r: 8 }, /lora_A\.weight in .* has shape \[4, 16\], the base and r need \[8, 16\]/],
    ['no rank', { r: 0 }, /adapter_config\.json: r: /],
    ['no alpha', { lora_alpha: 'large' }, /adapter_config\.json: lora_alpha: /],
    ['no base', { base_model_name_or_path: null }, /adapter_config\.json: base_model_name_or_path: /],
    [
      'a base that is not there',
      { base_model_name_or_path: '../no/where' },
      /base_model_name_or_path: there is no model folder \.\.\/no\/where/,
    ],
    ['itself as its base', { base_model_name_or_path: '.' }, /base_model_name_or_path leads back to the adapter itself/],
    ['layers that have none', { target_modules: ['q_proj', 'v_proj', 'fc1'] }, /has nothing for model\.decoder\.layers\.0\.fc1/],
    ['layers that are not targets', { target_modules: ['q_proj'] }, /factors of .*v_proj, which target_modules in .* does not name/],
  ])('%s', async (_, changes, line) => {
    writeAdapter(folder, { ...peftConfig, ...changes }, tensors);
    await expectRefused(line);
  });

  test.each<[string, object, readonly TensorData[], RegExp]>([
    ['a head that is tied', { target_modules: ['q_proj', 'v_proj', 'lm_head'] }, factorsOf('lm_head', 48, 16, 4), /: lm_head is no layer/],
    [
      'a layer that the base lacks',
      {},
      factorsOf('model.decoder.layers.2.self_attn.q_proj', 16, 16, 4),
      /layers\.2\.self_attn\.q_proj is no layer/,
    ],
    [
      'factors of an embedding',
      {},
      [noiseTensor('base_model.model.x.lora_embedding_A', [4, 48])],
      /lora_embedding_A is no lora_A or lora_B/,
    ],
    ['a magnitude', {}, [noiseTensor('base_model.model.x.lora_magnitude_vector', [4, 1])], /magnitude_vector is no lora_A or lora_B/],
    ['one factor alone', {}, factorsOf('model.decoder.layers.0.fc1', 32, 16, 4).slice(1), /: model\.decoder\.layers\.0\.fc1 has no lora_A/],
    ['names without the prefix', {}, [noiseTensor('x.lora_A.weight', [4, 16])], /tensor x\.lora_A\.weight is no lora_A or lora_B/],
  ])('%s', async (_, changes, more, line) => {
    writeAdapter(folder, { ...peftConfig, ...changes }, [...tensors, ...more]);
    await expectRefused(line);
  });

  test('factors that do not fit', async () => {
    writeAdapter(folder, peftConfig, [...tensors.slice(0, -2), ...factorsOf(layers.at(-1) ?? '', 15, 16, 4)]);
    await expectRefused(/lora_B\.weight in .* has shape \[15, 4\], the base and r need \[16, 4\]/);
  });

  test('a circle of adapters', async () => {
    writeAdapter(folder, { ...peftConfig, base_model_name_or_path: '../other' }, tensors);
    writeAdapter(join(root, 'refused', 'other'), { ...peftConfig, base_model_name_or_path: '../adapter' }, tensors);
    await expectRefused(/adapter_config\.json: base_model_name_or_path leads back to the adapter itself/);
  });

  test('no weights, or pickled ones, or those of a whole model beside them', async () => {
    writeAdapter(folder, peftConfig, tensors);
    const weights = join(folder, 'adapter_model.safetensors');
    rmSync(weights);
    await expectRefused(/has adapter_config\.json, but no adapter_model\.safetensors/);
    writeFileSync(join(folder, 'adapter_model.bin'), '');
    await expectRefused(/has its adapter in adapter_model\.bin only; save it with safe_serialization=True/);
    writeAdapter(folder, peftConfig, []);
    await expectRefused(/adapter_model\.safetensors is empty/);
    cpSync(join(root, 'refused', 'base', 'model.safetensors'), join(folder, 'model.safetensors'));
    await expectRefused(/has an adapter and model\.safetensors: a model or an adapter on one\?/);
    expect(readdirSync(modelFolder(folder))).toContain('adapter_config.json');
  });
});
