import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { architectureOf, countParameters, modelConfig, type Architecture } from '../../models/index.js';
import { knownModels } from '../../models/registry.js';
import { tinyConfigs, type TinyFamily } from '../support/tiny-model.js';

type Json = Readonly<Record<string, unknown>>;

const families: readonly TinyFamily[] = ['opt', 'llama', 'mistral', 'roberta'];
const architecture = (config: Json): Architecture => architectureOf(config, 'config.json');

/** What can be told of an architecture without weights: sizes, parameters, what attends to what, how positions turn. */
function seen({ dimensions, head, attends, positionInputs, ...rest }: Architecture) {
  const distances = [-1, 0, 2, 3, 4095, 4096, 1e6].map((distance) => attends(distance));
  const positions = positionInputs(Int32Array.of(0, 3, 9), 1, 3);
  return { dimensions, head, distances, positions, count: countParameters({ dimensions, head, attends, positionInputs, ...rest }) };
}

// Made by scripts/transformers-configs.py with each version.
const fixture = new URL('./fixtures/transformers-configs.json', import.meta.url);
const written = JSON.parse(readFileSync(fixture, 'utf8')) as Record<string, Record<TinyFamily, Json>>;

describe.each(Object.keys(written))('what transformers %s writes', (version) => {
  test.each(families)('for %s by default is what nothing said means, with no warning', (family) => {
    const config = written[version]?.[family] ?? {};
    const made = architecture(config);
    expect(made.warnings).toEqual([]);
    expect(seen(made)).toEqual(seen(architecture({ model_type: family })));
  });

  test.each(families)('for %s may be null field by field', (family) => {
    const config = written[version]?.[family] ?? {};
    // null is no window and as many heads of keys as of queries there, as in transformers.
    const meaning = family === 'mistral' ? ['sliding_window', 'num_key_value_heads'] : [];
    const wanted = seen(architecture(config));
    for (const field of Object.keys(config).filter((name) => name !== 'model_type' && !meaning.includes(name))) {
      expect([field, seen(architecture({ ...config, [field]: null }))]).toEqual([field, wanted]);
    }
  });
});

describe.each(families)('%s', (family) => {
  const config: Json = tinyConfigs[family];

  test.each<[string, unknown]>([
    ['attn_logit_softcapping', 50],
    ['final_logit_softcapping', 30],
    ['query_pre_attn_scalar', 256],
    ['embedding_multiplier', 12],
    ['logits_scaling', 8],
    ['use_qk_norm', true],
    ['qkv_bias', true],
    ['layer_types', ['full_attention']],
    ['attention_chunk_size', 8192],
    ['no_rope_layers', [1, 1, 1, 0]],
    ['ropeInterleaved', true],
    ['num_local_experts', 8],
    ['hidden_activation', 'gelu_pytorch_tanh'],
    ['pruned_heads', { 0: [1] }],
    ['add_cross_attention', true],
    ['per_layer_config', { 0: { head_dim: 2 } }],
  ])('refuses %s, which by its name changes the model, but where it says nothing', (field, value) => {
    expect(() => architecture({ ...config, [field]: value })).toThrow(
      new RegExp(`^config\\.json: ${field}: .* is not supported, and changes the model by its name: where it does not, set it to null$`),
    );
    for (const nothing of [null, false, [], {}]) expect(architecture({ ...config, [field]: nothing }).warnings).toEqual([]);
  });

  test('names an unknown field that is set, cut where it is long', () => {
    const { warnings } = architecture({ ...config, some_new_thing: 3, another: 'x'.repeat(100), absent: null, empty: {}, off: false });
    expect(warnings).toEqual([
      'config.json: some_new_thing: 3 is not known here and was not regarded',
      `config.json: another: "${'x'.repeat(56)}... is not known here and was not regarded`,
    ]);
  });

  test('needs no number that nobody reads: Infinity as Python writes it', () => {
    const { warnings } = architecture({ ...config, max_length: { __float__: 'Infinity' }, attn_pdrop: 0.1, temperature: 0.6 });
    expect(warnings).toEqual([]);
  });
});

// Its mask is causal whatever is said, but in cached decoding transformers forgets keys beyond it (DynamicCache).
test('llama refuses a sliding window, which transformers keeps to in part', () => {
  expect(() => architecture({ ...tinyConfigs.llama, sliding_window: 3 })).toThrow('config.json: sliding_window: 3 is not supported');
});

test('the configurations of the registry and of the bundled models say nothing that is not known', async () => {
  const bundled = await Promise.all(['opt', 'llama', 'mistral', 'roberta', 'vicuna'].map((name) => modelConfig(`${name}-mini`)));
  for (const config of [...knownModels, ...bundled].map((model) => model.config)) expect(architecture(config).warnings).toEqual([]);
});

describe('the number of positions', () => {
  test.each([1_048_576, 10_485_760, 2 ** 40])('is not bounded where nothing is allocated for it: %d', (positions) => {
    for (const family of ['llama', 'mistral'] as const) {
      expect(architecture({ ...tinyConfigs[family], max_position_embeddings: positions }).dimensions.maxLength).toBe(positions);
    }
    expect(architecture({ ...tinyConfigs.mistral, sliding_window: positions }).attends(positions - 1)).toBe(true);
  });

  test.each<TinyFamily>(['opt', 'roberta'])('is bounded where %s has a row for each', (family) => {
    expect(() => architecture({ ...tinyConfigs[family], max_position_embeddings: 1_048_576 })).toThrow(
      'config.json: max_position_embeddings',
    );
  });

  test.each([0, -1, 1.5, '4096'])('is a whole number from 1 on, not %j', (positions) => {
    expect(() => architecture({ ...tinyConfigs.llama, max_position_embeddings: positions })).toThrow(
      'config.json: max_position_embeddings',
    );
  });
});

const cases = new URL('../../../shared/cases/', import.meta.url);
(existsSync(cases) ? test : test.skip)('the shared cases: defaults that are left out, a context of a million tokens', () => {
  const shared = (name: string) => architectureOf(JSON.parse(readFileSync(new URL(name, cases), 'utf8')) as Json, name);
  expect(shared('llama-config-defaults/config.json').dimensions.maxLength).toBe(2048);
  expect(shared('llama-config-defaults/config-no-act.json').warnings).toEqual([]);
  expect(shared('long-context/config.json').dimensions.maxLength).toBeGreaterThan(1_000_000);
});
