import { afterAll, describe, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Engines } from '../../training/engines.js';
import { cpuBackend, UsageError, type Parameter } from '../../engine/index.js';
import { loadModel, openCheckpoint, unadapted, type LanguageModel, type Streaming } from '../../models/index.js';
import { writeSafetensors, type StorageType, type TensorData } from '../../models/safetensors.js';
import { streamsFrozen } from '../../models/streaming.js';
import { resolveOptimizer } from '../../optimizers/index.js';
import { schemeNamed } from '../../schemes/index.js';
import { tinyBatch } from '../support/engine-models.js';
import { writeSparseCheckpoint } from '../support/sparse-checkpoint.js';
import { tinyConfigs, tinyModel, type TinyFamily } from '../support/tiny-model.js';

const root = mkdtempSync(join(tmpdir(), 'zobench-streaming-'));
afterAll(() => rmSync(root, { recursive: true }));

const lora = schemeNamed('lora').adaptation(3);
const families = Object.keys(tinyConfigs) as TinyFamily[];
const STEPS = 4;

/** A tiny model with random weights as a checkpoint, whole or with every other tensor in a second shard. */
function writeCheckpoint(family: TinyFamily, dtype: StorageType, sharded: boolean): string {
  const folder = mkdtempSync(join(root, `${family}-`));
  writeFileSync(join(folder, 'config.json'), JSON.stringify(tinyConfigs[family]));
  const { parameters } = tinyModel(family);
  const tensors = parameters.all.map((parameter): TensorData => ({ ...shapeOf(parameter), data: parameters.values(parameter) }));
  if (!sharded) writeSafetensors(join(folder, 'model.safetensors'), tensors, dtype);
  else writeShards(folder, tensors, dtype);
  return folder;
}

const shapeOf = ({ name, shape }: Parameter): Pick<TensorData, 'name' | 'shape'> => ({ name, shape });

function writeShards(folder: string, tensors: readonly TensorData[], dtype: StorageType): void {
  const shards = ['model-1.safetensors', 'model-2.safetensors'] as const;
  shards.forEach((shard, half) =>
    writeSafetensors(
      join(folder, shard),
      tensors.filter((_, index) => index % 2 === half),
      dtype,
    ),
  );
  const weightMap = Object.fromEntries(tensors.map(({ name }, index) => [name, shards[index % 2]]));
  writeFileSync(join(folder, 'model.safetensors.index.json'), JSON.stringify({ weight_map: weightMap }));
}

/** The losses of some steps of an optimizer under LoRA, and the parameters that they end at. */
async function trajectory(optimizerName: string, model: LanguageModel): Promise<{ losses: number[]; trained: number[][] }> {
  const optimizer = await resolveOptimizer(optimizerName);
  const engines = new Engines(cpuBackend(1), model);
  const state = optimizer.init(model.parameters);
  const settings = { learningRate: 0.02, epsilon: 1e-2, weightDecay: 0, steps: STEPS, trainingBatches: () => [] };
  const losses: number[] = [];
  for (let step = 0; step < STEPS; step++) {
    const batch = { objective: 'tokens', tensors: tinyBatch(model, 2, 4 + step), count: 1 } as const;
    losses.push((await optimizer.step(engines.context(batch, 5, step, settings), state)).loss);
  }
  return { losses, trained: model.parameters.trainable.map((parameter) => [...model.parameters.values(parameter)]) };
}

const loraOf = (folder: string, streaming: Streaming, memory?: number): Promise<LanguageModel> =>
  loadModel(openCheckpoint(folder), lora, streaming, memory);
const streamedNames = ({ parameters }: LanguageModel): string[] => parameters.all.flatMap(({ name, source }) => (source ? [name] : []));

describe.each(families)('a streamed %s under LoRA', (family) => {
  test.each([
    ['F16', false],
    ['F32', true],
    ['BF16', false],
  ] as const)(
    'takes from a checkpoint in %s, sharded: %s, the steps of ZO-SGD that it takes in memory, bit for bit',
    async (dtype, sharded) => {
      const folder = writeCheckpoint(family, dtype, sharded);
      const streamed = await loraOf(folder, 'always');
      expect(streamedNames(streamed)).toEqual(tinyModel(family).parameters.all.map(({ name }) => name));
      const steps = await trajectory('zo-sgd', streamed);
      expect(steps).toEqual(await trajectory('zo-sgd', await loraOf(folder, 'never')));
      expect(new Set(steps.losses).size).toBe(STEPS);
    },
  );

  test('takes the steps of Forward-Grad that it takes in memory, bit for bit', async () => {
    const folder = writeCheckpoint(family, 'F16', false);
    expect(await trajectory('forward-grad', await loraOf(folder, 'always'))).toEqual(
      await trajectory('forward-grad', await loraOf(folder, 'never')),
    );
  });
});

describe('what is streamed', () => {
  const folder = writeCheckpoint('opt', 'F16', false);

  test('nothing of a model that fits, unless it is asked for', async () => {
    expect(streamedNames(await loraOf(folder, 'auto'))).toEqual([]);
  });

  test('nothing that is trained', async () => {
    const onlyNorms = { ...unadapted, trains: (name: string) => name.includes('norm') };
    const model = await loadModel(openCheckpoint(folder), onlyNorms, 'always');
    expect(streamedNames(model).some((name) => name.includes('norm'))).toBe(false);
    expect(model.parameters.trainable.length).toBeGreaterThan(0);
    expect(streamedNames(await loadModel(openCheckpoint(folder), unadapted, 'always'))).toEqual([]);
  });

  test('what is frozen of a model beyond the memory; trained as a whole, it is refused', async () => {
    const large = mkdtempSync(join(root, 'large-'));
    writeSparseCheckpoint(large, { ...tinyConfigs.opt, vocab_size: 500_000, hidden_size: 2048 }, 'F16');
    const memory = 3 * 2 ** 30;
    const model = await loraOf(large, 'auto', memory);
    expect(streamedNames(model)).toContain('model.decoder.embed_tokens.weight');
    expect(model.parameters.all.filter(({ source }) => !source)).toEqual(model.parameters.trainable);
    await expect(loadModel(openCheckpoint(large), unadapted, 'auto', memory)).rejects.toThrow(
      /the model takes 3\.9 GiB in float32, a run can hold \d\.\d GiB: a scheme/,
    );
    await expect(loraOf(large, 'never', memory)).rejects.toThrow(
      /the model takes 3\.9 GiB in float32, .*: --stream auto leaves what is frozen on disk$/,
    );
  });

  test('of a model in a control group or machine with little memory, what is beyond three quarters of it', () => {
    const decide = (trained: number, frozen: number, streaming: Streaming = 'auto'): boolean =>
      streamsFrozen({ trained, frozen, largest: { trained: 0, frozen: 0 } }, streaming, 'the model', 1000);
    expect([decide(10, 740), decide(10, 741)]).toEqual([false, true]);
    expect([decide(760, 0), decide(10, 990, 'never'), decide(10, 1, 'always')]).toEqual([false, false, true]);
    expect(() => decide(1001, 0)).toThrow('the model: the model takes');
    expect(() => decide(1001, 500)).toThrow('the model: what is trained takes');
    expect(() => decide(10, 991, 'never')).toThrow('--stream auto');
  });

  test('never of a parameter that is larger than a memory and has to be held', () => {
    const decide = (trained: number, frozen: number, streaming: Streaming): boolean =>
      streamsFrozen({ trained, frozen, largest: { trained, frozen } }, streaming, 'the model', 2 ** 40);
    expect([decide(10, 2 ** 33, 'always'), decide(2 ** 31, 2 ** 31, 'auto')]).toEqual([true, false]);
    expect(() => decide(10, 2 ** 33, 'auto')).toThrow('the model: one parameter takes 8.0 GiB in float32');
    expect(() => decide(2 ** 33, 10, 'always')).toThrow('the model: one parameter takes 8.0 GiB in float32');
  });
});

test.each(['prefix', 'prompt'])(
  '%s begins with what a streamed model computes as with what one in memory does, bit for bit',
  async (scheme) => {
    const folder = writeCheckpoint('mistral', 'F16', false);
    const begun = async (streaming: Streaming): Promise<number[]> => {
      const { parameters } = await loadModel(openCheckpoint(folder), schemeNamed(scheme).adaptation(5), streaming);
      return parameters.trainable.flatMap((parameter) => [...parameters.values(parameter)]);
    };
    const values = await begun('always');
    expect(new Set(values).size).toBeGreaterThan(values.length / 2);
    expect(values).toEqual(await begun('never'));
  },
);

test('an optimizer that backpropagates refuses a streamed model in one line', async () => {
  const streamed = await loraOf(writeCheckpoint('llama', 'F16', false), 'always');
  await expect(trajectory('fo-sgd', streamed)).rejects.toThrow(
    new UsageError(
      'backpropagation needs all weights in memory, but model.embed_tokens.weight is streamed from disk (--stream never, where it fits)',
    ),
  );
});

test('a checkpoint cut short while it is used is noticed in one line', async () => {
  const folder = writeCheckpoint('mistral', 'F32', false);
  const model = await loraOf(folder, 'always');
  writeFileSync(join(folder, 'model.safetensors'), '');
  await expect(trajectory('zo-sgd', model)).rejects.toThrow(/model\.safetensors ends at byte \d+, more was expected; fetch it again$/);
});
