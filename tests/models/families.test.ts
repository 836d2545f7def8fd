import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { architectureOf, emptyModel, loadModel, openCheckpoint, unadapted, type Architecture } from '../../models/index.js';
import { writeSafetensors } from '../../models/safetensors.js';
import { tinyConfigs, tinyModel, type TinyFamily } from '../support/tiny-model.js';

const architecture = (config: Readonly<Record<string, unknown>>): Architecture => architectureOf(config, 'config.json');

const without = (config: object, field: string): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(config).filter(([name]) => name !== field));

function positionIds({ positionInputs }: Architecture, places: readonly number[]): number[] {
  return Array.from(positionInputs(Int32Array.from(places), 1, places.length).position_ids?.data ?? [], Number);
}

/** The distances from -3 to 5 at which a token attends to another. */
const seen = ({ attends }: Architecture): number[] => [-3, -2, -1, 0, 1, 2, 3, 4, 5].filter((distance) => attends(distance));

describe('RoBERTa', () => {
  test('counts positions from the one after padding, which keeps its own, on whichever side it is', () => {
    const usual = architecture(tinyConfigs.roberta);
    expect(positionIds(usual, [0, 1, 2, -1, -1])).toEqual([2, 3, 4, 1, 1]);
    expect(positionIds(usual, [-1, -1, 0, 1, 2])).toEqual([1, 1, 2, 3, 4]);
    expect(positionIds(architecture({ ...tinyConfigs.roberta, pad_token_id: 0 }), [0, 1, -1])).toEqual([1, 2, 0]);
  });

  test('has that many positions less: 512 of the 514 of the released models', () => {
    expect(architecture({ ...tinyConfigs.roberta, max_position_embeddings: 514 }).dimensions.maxLength).toBe(512);
  });

  test('looks both ways', () => {
    expect(seen(architecture(tinyConfigs.roberta))).toEqual([-3, -2, -1, 0, 1, 2, 3, 4, 5]);
  });

  test('has an output embedding of its own where it is not tied', () => {
    const { head } = architecture({ ...tinyConfigs.roberta, tie_word_embeddings: false });
    expect(head).toEqual({ name: 'lm_head.decoder.weight', shape: [48, 16], bias: 'lm_head.bias' });
  });

  test.each([
    [{ hidden_act: 'gelu_new' }, 'config.json: hidden_act'],
    [{ position_embedding_type: 'relative_key' }, 'config.json: position_embedding_type'],
    [{ num_attention_heads: 3 }, 'config.json: num_attention_heads: does not divide hidden_size'],
    [{ max_position_embeddings: 2 }, 'config.json: max_position_embeddings: leaves no position after that of padding'],
  ])('refuses %p', (change, message) => {
    expect(() => architecture({ ...tinyConfigs.roberta, ...change })).toThrow(message);
  });
});

describe('Mistral', () => {
  test('sees itself and the window - 1 tokens before it', () => {
    expect(seen(architecture({ ...tinyConfigs.mistral, sliding_window: 3 }))).toEqual([0, 1, 2]);
    expect(seen(architecture({ ...tinyConfigs.mistral, sliding_window: 1 }))).toEqual([0]);
  });

  test('sees all before it where the window is null, as in later versions, and 4096 where nothing is said, as in the first', () => {
    const silent = without(tinyConfigs.mistral, 'sliding_window');
    const unlimited = architecture({ ...tinyConfigs.mistral, sliding_window: null });
    expect([unlimited.attends(-1), unlimited.attends(0), unlimited.attends(1e6)]).toEqual([false, true, true]);
    expect([4095, 4096].map((distance) => architecture(silent).attends(distance))).toEqual([true, false]);
  });

  test('has LLaMA’s parameters, and no biases whatever a file says, as in transformers', () => {
    const names = (config: Readonly<Record<string, unknown>>): string[] =>
      emptyModel(architecture(config), () => true).parameters.all.map(({ name }) => name);
    const biased = { attention_bias: true, mlp_bias: true };
    expect(names({ ...tinyConfigs.mistral, attention_bias: false, mlp_bias: null })).toEqual(names(tinyConfigs.llama));
    expect(names({ ...tinyConfigs.mistral, ...biased })).toEqual(names(tinyConfigs.llama));
    expect(architecture({ ...tinyConfigs.mistral, ...biased }).warnings).toEqual([]);
    expect(names({ ...tinyConfigs.llama, ...biased })).not.toEqual(names(tinyConfigs.llama));
  });

  test('shares each key among a quarter of 32 heads where nothing is said', () => {
    const silent = without({ ...tinyConfigs.mistral, hidden_size: 64, num_attention_heads: 32 }, 'num_key_value_heads');
    const { parameters } = emptyModel(architecture(silent), () => true);
    expect(parameters.get('model.layers.0.self_attn.k_proj.weight').shape).toEqual([16, 64]); // 8 heads of size 2
  });
});

describe('parameters are found under the names that models without their outer part are saved by', () => {
  test.each<[TinyFamily, string, (name: string) => string]>([
    ['opt', 'without model.', (name) => name.replace(/^model\./, '')],
    ['opt', 'without model.decoder.', (name) => name.replace(/^model\.decoder\./, '')],
    ['llama', 'without model.', (name) => name.replace(/^model\./, '')],
    ['mistral', 'without model.', (name) => name.replace(/^model\./, '')],
    ['roberta', 'without roberta.', (name) => name.replace(/^roberta\./, '')],
    ['roberta', 'the bias as the decoder’s', (name) => name.replace('lm_head.bias', 'lm_head.decoder.bias')],
  ])('%s: %s', async (family, _, stored) => {
    const folder = mkdtempSync(join(tmpdir(), 'names-'));
    const model = tinyModel(family);
    const tensors = model.parameters.all.map((parameter) => ({
      name: stored(parameter.name),
      shape: parameter.shape,
      data: model.parameters.values(parameter),
    }));
    expect(tensors.map(({ name }) => name)).not.toEqual(model.parameters.all.map(({ name }) => name));
    writeSafetensors(join(folder, 'model.safetensors'), tensors, 'F32');
    writeFileSync(join(folder, 'config.json'), JSON.stringify(tinyConfigs[family]));
    const loaded = await loadModel(openCheckpoint(folder), unadapted);
    for (const parameter of loaded.parameters.all) {
      expect([...loaded.parameters.values(parameter)]).toEqual([...model.parameters.values(model.parameters.get(parameter.name))]);
    }
    rmSync(folder, { recursive: true });
  });
});

test.each<TinyFamily>(['opt', 'llama'])('%s sees what came before and nothing that comes', (family) => {
  expect(seen(architecture(tinyConfigs[family]))).toEqual([0, 1, 2, 3, 4, 5]);
});

// The fields of Vicuna 7B's config.json (version 1.5 with 16k positions), but for its sizes.
test('Vicuna is a LLaMA', () => {
  const vicuna = {
    ...tinyConfigs.llama,
    architectures: ['LlamaForCausalLM'],
    bos_token_id: 1,
    eos_token_id: 2,
    pad_token_id: 0,
    initializer_range: 0.02,
    max_sequence_length: 16384,
    max_position_embeddings: 4096,
    num_key_value_heads: 4,
    pretraining_tp: 1,
    rms_norm_eps: 1e-5,
    rope_scaling: { factor: 4, type: 'linear' },
    tie_word_embeddings: false,
    torch_dtype: 'float16',
    use_cache: true,
  };
  expect(architecture(vicuna).dimensions.maxLength).toBe(4096);
});
