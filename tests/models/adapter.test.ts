import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { cpuBackend, InputError, WasmHeap } from '../../engine/index.js';
import {
  checkpointFiles,
  loadModel,
  loadTokenizer,
  modelConfig,
  modelFolder,
  openCheckpoint,
  unadapted,
  type Checkpoint,
  type LanguageModel,
} from '../../models/index.js';
import { readSafetensorsHeader, writeSafetensors, type StorageType, type TensorData } from '../../models/safetensors.js';
import { schemeNamed } from '../../schemes/index.js';
import { factorsOf, noiseTensor, peftConfig, writeAdapter, writeBase } from '../support/adapters.js';
import { BruteForce } from '../support/brute-force.js';
import { valuesOf, valuesOfTensor } from '../support/tensor-values.js';
import { writeTinyCheckpoint } from '../support/tiny-checkpoint.js';
import { tinyModel, type TinyFamily } from '../support/tiny-model.js';

const root = mkdtempSync(join(tmpdir(), 'zobench-adapter-'));
afterAll(() => rmSync(root, { recursive: true }));
const backend = cpuBackend(1);
const text = [2, 9, 17, 40, 5, 11, 30];
const frozen = { ...unadapted, trains: () => false };

const logitsOf = async (model: LanguageModel): Promise<number[]> => (await new BruteForce(backend, model).logits(text)).flat();
const difference = (some: readonly number[], others: readonly number[]): number =>
  Math.max(...some.map((value, i) => Math.abs(value - (others[i] ?? NaN))));

describe.each([
  { family: 'opt', scheme: 'lora' },
  { family: 'llama', scheme: 'lora:rank=3:alpha=2:modules=down_proj+k_proj' },
  { family: 'mistral', scheme: 'lora:rank=4' },
  { family: 'roberta', scheme: 'lora:modules=dense' },
] satisfies { family: TinyFamily; scheme: string }[])(
  'a $family trained under $scheme, read again from our own export',
  ({ family, scheme }) => {
    const adaptation = schemeNamed(scheme).adaptation(2);
    const trained = tinyModel(family, adaptation);
    const out = join(root, `${family}-export`);
    beforeAll(() => {
      trained.parameters.move(9, 0.2); // as if trained
      adaptation.save?.(out, trained, writeBase(join(root, family), family));
    });

    test('gives the logits of the base with LoRA active, loaded or streamed', async () => {
      const loaded = await loadModel(openCheckpoint(out), unadapted);
      const streamed = await loadModel(openCheckpoint(out), frozen, 'always');
      expect(streamed.parameters.all.every(({ source }) => source)).toBe(true);
      const [wanted, plain, made] = [await logitsOf(trained), await logitsOf(tinyModel(family)), await logitsOf(loaded)];
      // Logits of some units in float32, from products in another order.
      expect(difference(made, wanted)).toBeLessThan(5e-5);
      expect(difference(made, plain)).toBeGreaterThan(0.1);
      expect(await logitsOf(streamed)).toEqual(made);
    });

    test('has the parameters of its base, and none more', async () => {
      const loaded = await loadModel(openCheckpoint(out), unadapted);
      const names = ({ parameters }: LanguageModel): string[] => parameters.all.map(({ name }) => name);
      expect(names(loaded)).toEqual(names(tinyModel(family)));
      expect(await modelConfig(out)).toEqual(await modelConfig(join(root, family)));
    });
  },
);

describe('against a product by hand in float64', () => {
  const [OUTPUTS, INPUTS, RANK] = [288, 144, 3]; // more elements than are made at once
  const config = { model_type: 'opt', vocab_size: 8, hidden_size: INPUTS, ffn_dim: OUTPUTS, num_hidden_layers: 1, num_attention_heads: 1 };
  const LAYER = 'model.decoder.layers.0.fc1';
  const WEIGHT = noiseTensor(`${LAYER}.weight`, [OUTPUTS, INPUTS]);
  const base = join(root, 'base');
  beforeAll(() => {
    mkdirSync(base);
    writeFileSync(join(base, 'config.json'), JSON.stringify(config));
    writeSafetensors(join(base, 'model.safetensors'), [WEIGHT], 'F32');
  });

  const opened = (name: string, changes: object, tensors: readonly TensorData[], dtype?: StorageType): Checkpoint =>
    openCheckpoint(writeAdapter(join(root, name), { ...peftConfig, target_modules: ['fc1'], r: RANK, ...changes }, tensors, dtype));
  const readWeight = (checkpoint: Checkpoint): Float32Array => valuesOf(checkpoint.source(WEIGHT.name, WEIGHT.shape), OUTPUTS * INPUTS);

  /** W + scale B A, the factors being as they are stored. */
  function expected(folder: string, scale: number): number[] {
    const [a, b] = readSafetensorsHeader(join(root, folder, 'adapter_model.safetensors'))
      .sort((x, y) => (x.name < y.name ? -1 : 1))
      .map(valuesOfTensor);
    return Array.from(WEIGHT.data, (weight, i) => {
      let sum = weight;
      for (let r = 0; r < RANK; r++)
        sum += scale * (b?.[Math.floor(i / INPUTS) * RANK + r] ?? NaN) * (a?.[r * INPUTS + (i % INPUTS)] ?? NaN);
      return sum;
    });
  }

  // Eight units of float32 at the largest weights, of about 10.
  const TOLERANCE = 8e-6;

  test.each<[string, object, number, StorageType, string]>([
    ['alpha / r', { lora_alpha: 7 }, 7 / RANK, 'F32', LAYER],
    ['alpha / sqrt(r) of rsLoRA', { lora_alpha: 7, use_rslora: true }, 7 / Math.sqrt(RANK), 'F32', LAYER],
    ['factors in float16', {}, 16 / RANK, 'F16', LAYER],
    ['factors in bfloat16', {}, 16 / RANK, 'BF16', LAYER],
    ['fan_in_fan_out, which PEFT takes back for such layers', { fan_in_fan_out: true }, 16 / RANK, 'F32', LAYER],
    ['targets as a pattern', { target_modules: '.*fc1' }, 16 / RANK, 'F32', LAYER],
    ['a model saved without its head', {}, 16 / RANK, 'F32', 'decoder.layers.0.fc1'],
    ['initial values that leave the base alone', { init_lora_weights: 'gaussian' }, 16 / RANK, 'F32', LAYER],
  ])('%s', (name, changes, scale, dtype, layer) => {
    const checkpoint = opened(name.replaceAll('/', ''), changes, factorsOf(layer, OUTPUTS, INPUTS, RANK), dtype);
    const values = readWeight(checkpoint);
    const wanted = expected(name.replaceAll('/', ''), scale);
    expect(difference([...values], wanted)).toBeLessThan(TOLERANCE);
    expect(difference(wanted, [...WEIGHT.data])).toBeGreaterThan(1);
  });

  test('any part of a weight is what it is in the whole', () => {
    const checkpoint = opened('parts', {}, factorsOf(LAYER, OUTPUTS, INPUTS, RANK));
    const all = readWeight(checkpoint);
    const ranges = [
      { first: 40_000, count: 1000 },
      { first: 7, count: 36_000 },
      { first: 1, count: 1 },
    ];
    const heap = new WasmHeap();
    const out = heap.allocate(37_001);
    checkpoint.source(WEIGHT.name, WEIGHT.shape).read(ranges, heap, out);
    const parts = ranges.flatMap(({ first, count }) => [...all.subarray(first, first + count)]);
    expect([...heap.floats(out, 37_001)]).toEqual(parts);
  });

  test('an adapter on an adapter counts on top of it', () => {
    const factors = factorsOf(LAYER, OUTPUTS, INPUTS, RANK);
    opened('first', {}, factors);
    const values = readWeight(opened('second', { base_model_name_or_path: '../first' }, factors));
    expect(difference([...values], expected('first', 2 * (16 / RANK)))).toBeLessThan(2 * TOLERANCE);
  });
});

describe('the base of an adapter', () => {
  const onAdapter = (base: string, where = 'adapter'): string =>
    writeAdapter(
      join(root, 'found', where),
      { ...peftConfig, base_model_name_or_path: base },
      ['q_proj', 'v_proj'].flatMap((name) =>
        [0, 1].flatMap((layer) => factorsOf(`model.layers.${layer}.self_attn.${name}`, name === 'q_proj' ? 16 : 8, 16, 4)),
      ),
    );
  const base = join(root, 'found', 'base');
  beforeAll(() => void writeBase(base, 'llama'));

  test.each([
    ['a path from the adapter’s folder', '../base'],
    ['an absolute path', base],
  ])('is found by %s', (_, name) => {
    expect(openCheckpoint(onAdapter(name)).configFile).toBe(join(base, 'config.json'));
  });

  test('is found by a path from the working folder', () => {
    const before = process.cwd();
    process.chdir(join(root, 'found'));
    try {
      expect(openCheckpoint(onAdapter('base', 'deep/er/adapter')).configFile).toBe(join('base', 'config.json'));
    } finally {
      process.chdir(before);
    }
  });

  test('is an embedded model by name', async () => {
    const { source } = await modelConfig('llama-mini');
    const folder = onAdapter('llama-mini');
    expect(() => openCheckpoint(folder)).toThrow(`the base and r need`); // a larger one, but found
    await expect(modelConfig(folder)).rejects.toThrow(/lora_A\.weight .* has shape/);
    expect(source).toContain('llama-mini');
  });

  test('is one on the hub by id and revision', () => {
    const named = { ...peftConfig, base_model_name_or_path: 'somebody/base', revision: 'v2' };
    const folder = writeAdapter(join(root, 'found', 'hub'), named, factorsOf('model.layers.0.self_attn.q_proj', 16, 16, 4));
    process.env.HF_HUB_CACHE = join(root, 'cache');
    const snapshot = join(root, 'cache', 'models--somebody--base', 'snapshots', 'v2');
    expect(() => openCheckpoint(folder)).toThrow('somebody/base is neither a folder nor wholly in the Hugging Face cache');
    writeTinyCheckpoint(snapshot);
    writeBase(snapshot, 'llama');
    writeAdapter(
      folder,
      { ...named, layers_to_transform: [0], target_modules: ['q_proj'] },
      factorsOf('model.layers.0.self_attn.q_proj', 16, 16, 4),
    );
    expect(openCheckpoint(folder).configFile).toBe(join(snapshot, 'config.json'));
    delete process.env.HF_HUB_CACHE;
  });

  test('gives the tokenizer where the adapter has none of its own', () => {
    writeTinyCheckpoint(join(root, 'found', 'other'));
    for (const name of ['tokenizer.json', 'tokenizer_config.json']) cpSync(join(root, 'found', 'other', name), join(base, name));
    const folder = onAdapter('../base', 'tokens');
    const ids = loadTokenizer(base).encode('a fine film');
    expect(loadTokenizer(folder).encode('a fine film')).toEqual(ids);
    expect(checkpointFiles(folder).map(([name]) => name)).toContain('base/tokenizer.json');
    const own = JSON.parse(readFileSync(join(base, 'tokenizer.json'), 'utf8')) as { model: { merges: unknown[] } };
    own.model.merges = [];
    writeFileSync(join(folder, 'tokenizer.json'), JSON.stringify(own));
    expect(loadTokenizer(folder).encode('a fine film').length).toBeGreaterThan(ids.length);
    expect(checkpointFiles(folder).map(([name]) => name)).toEqual([
      ...['adapter_config.json', 'adapter_model.safetensors', 'tokenizer.json', 'base/config.json', 'base/model.safetensors'],
    ]);
  });

  test('counts in the hash, and so does every file of the adapter', () => {
    const folder = onAdapter('../base', 'hashed');
    const hashes = [openCheckpoint(folder).sha256()];
    const again = (): void => void hashes.push(openCheckpoint(folder).sha256());
    writeFileSync(join(folder, 'adapter_config.json'), JSON.stringify({ ...peftConfig, lora_alpha: 17 }));
    again();
    const weights = join(folder, 'adapter_model.safetensors');
    const bytes = readFileSync(weights);
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    writeFileSync(weights, bytes);
    again();
    const baseWeights = join(base, 'model.safetensors');
    const before = readFileSync(baseWeights);
    writeFileSync(baseWeights, Buffer.concat([before.subarray(0, -1), Buffer.from([(before.at(-1) ?? 0) ^ 1])]));
    again();
    writeFileSync(baseWeights, before);
    expect(new Set(hashes).size).toBe(4);
  });
});

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
