import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { cpuBackend, WasmHeap } from '../../engine/index.js';
import {
  checkpointFiles,
  loadModel,
  loadTokenizer,
  modelConfig,
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

  test('is a bundled model by name', async () => {
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
