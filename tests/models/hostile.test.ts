import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { InputError } from '../../engine/index.js';
import { loadModel, loadTokenizer, openCheckpoint, unadapted } from '../../models/index.js';
import { writeSafetensors, type TensorData } from '../../models/safetensors.js';
import { writeSparseCheckpoint } from '../support/sparse-checkpoint.js';
import { tinyConfigs, tinyModel } from '../support/tiny-model.js';

// Checkpoints that are damaged or meant to do harm: refused in one line, before memory is allocated for a model.

const root = mkdtempSync(join(tmpdir(), 'zobench-hostile-'));
afterAll(() => rmSync(root, { recursive: true }));

let folder = '';
const grow = jest.spyOn(WebAssembly.Memory.prototype, 'grow');
beforeEach(() => {
  folder = mkdtempSync(join(root, 'model-'));
  write('config.json', tinyConfigs.opt);
  writeSafetensors(join(folder, 'model.safetensors'), good, 'F32');
  grow.mockClear();
});
afterEach(() => expect(grow).not.toHaveBeenCalled());

const tiny = tinyModel('opt');
const good: TensorData[] = tiny.parameters.all.map((parameter) => ({
  name: parameter.name,
  shape: parameter.shape,
  data: tiny.parameters.values(parameter).slice(),
}));
const EMBEDDING = 'model.decoder.embed_tokens.weight';

const write = (name: string, content: object): void => writeFileSync(join(folder, name), JSON.stringify(content));

function writeTensors(change: (tensor: TensorData) => TensorData | undefined): void {
  writeSafetensors(
    join(folder, 'model.safetensors'),
    good.flatMap((tensor) => change(tensor) ?? []),
    'F32',
  );
}

async function refusal(act: () => unknown = () => loadModel(openCheckpoint(folder), unadapted)): Promise<string> {
  try {
    await act();
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
    const { message } = error as InputError;
    expect(message).not.toContain('\n');
    return message;
  }
  throw new Error('nothing was refused');
}

describe('the configuration', () => {
  test('asks for terabytes', async () => {
    write('config.json', { ...tinyConfigs.opt, vocab_size: 1e6, hidden_size: 1e6 });
    expect(await refusal()).toMatch(
      /tensor model\.decoder\.embed_tokens\.weight in .* has shape \[48, 16\], the model needs \[1000000, 1000000\]$/,
    );
  });

  test.each([
    [{ vocab_size: 1e9 }, /config\.json: vocab_size: a number of at most 1000000 is needed, not 1000000000/],
    [{ num_hidden_layers: 1001 }, /config\.json: num_hidden_layers: a number of at most 1000 is needed, not 1001/],
    [{ hidden_size: -16 }, /config\.json: hidden_size: a number above 0 is needed, not -16/],
    [{ ffn_dim: 1.5 }, /config\.json: ffn_dim: /],
    [{ hidden_size: 'wide' }, /config\.json: hidden_size: /],
    [{ hidden_size: null }, /has shape \[48, 16\], the model needs \[48, 768\]$/], // OPT's default
    [{ num_attention_heads: 3 }, /config\.json: num_attention_heads: does not divide hidden_size$/],
    [{ model_type: 'constructor' }, /config\.json: model_type: "constructor" is not supported/],
    [{ num_hidden_layers: 1000 }, /tensor model\.decoder\.layers\.2\.self_attn_layer_norm\.weight is not in /],
  ])('says %j', async (change, message) => {
    write('config.json', { ...tinyConfigs.opt, ...change });
    expect(await refusal()).toMatch(message);
  });

  test.each(['config.json', 'model.safetensors.index.json', 'tokenizer.json'])(
    'or another JSON file is gigabytes long: %s',
    async (name) => {
      write(name, {});
      if (name.includes('index')) rmSync(join(folder, 'model.safetensors'));
      truncateSync(join(folder, name), 3e9);
      const act = name === 'tokenizer.json' ? () => loadTokenizer(folder) : () => openCheckpoint(folder);
      expect(await refusal(act)).toBe(`${join(folder, name)} has 2.8 GiB, at most 100 MiB are allowed`);
    },
  );
});

describe('a tensor', () => {
  test('is missing', async () => {
    writeTensors((tensor) => (tensor.name.endsWith('layers.1.fc1.bias') ? undefined : tensor));
    expect(await refusal()).toMatch(
      /^tensor model\.decoder\.layers\.1\.fc1\.bias is not in .*; the nearest name is model\.decoder\.layers\.\d\.fc\d\.bias$/,
    );
  });

  test.each([
    [[1, 48, 16], '[1, 48, 16]'],
    [[16, 48], '[16, 48]'],
    [[768], '[768]'],
  ])('has other dimensions: %j', async (shape, shown) => {
    writeTensors((tensor) => (tensor.name === EMBEDDING ? { ...tensor, shape } : tensor));
    expect(await refusal()).toMatch(new RegExp(`has shape ${shown.replaceAll('[', '\\[')}, the model needs \\[48, 16\\]$`));
  });

  test('is of a type that cannot be read', async () => {
    writeSparseCheckpoint(folder, tinyConfigs.opt, 'I64');
    expect(await refusal()).toMatch(/: tensor model\.decoder\.\S+ is I64; only F32, F16 and BF16 can be read$/);
  });
});

test('a model that fits its files but not a run', async () => {
  writeSparseCheckpoint(folder, { ...tinyConfigs.opt, vocab_size: 500_000, hidden_size: 2048 }, 'F16');
  jest.spyOn(process, 'constrainedMemory').mockReturnValueOnce(3 * 2 ** 30);
  // 500,000 x 2,048 of the embedding and 34 million more, 4 bytes each.
  expect(await refusal()).toBe(
    `${folder}: the model takes 3.9 GiB in float32, a run can hold 3.0 GiB: a scheme that trains less, such as lora, may fit`,
  );
});

test('a parameter that no memory holds, however much of it there is', async () => {
  writeSparseCheckpoint(folder, { ...tinyConfigs.opt, vocab_size: 600_000, hidden_size: 2048 }, 'F16');
  expect(await refusal()).toBe(`${folder}: one parameter takes 4.6 GiB in float32, more than 4.0 GiB cannot be held`);
});
