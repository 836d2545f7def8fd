import { describe, expect, test } from '@jest/globals';
import { measuredBy } from '../../../processes/asked-process.js';
import { measureStep, type StepConfiguration } from '../../../studies/speed/measure.js';
import { InputError } from '../../../engine/index.js';

const tiny: StepConfiguration = {
  optimizer: 'zo-sgd',
  scheme: 'full',
  size: 'tiny',
  sequence: 8,
  data: 'bundled',
  stream: 'auto',
  plain: false,
  batch: 2,
  threads: 1,
  steps: 3,
  warmup: 1,
};

type Measured = Record<string, number>;
const measured = async (changes: Partial<StepConfiguration>): Promise<Measured> => (await measureStep({ ...tiny, ...changes })) as Measured;

// OPT of width 128, 4 blocks, inner width 512, 2048 tokens, 512 + 2 positions; the head is the embedding's.
const BLOCK = 4 * (128 * 128 + 128) + (128 * 512 + 512) + (512 * 128 + 128) + 4 * 128;
const PARAMETERS = (2048 + 514) * 128 + 4 * BLOCK + 2 * 128;

describe('a measured step', () => {
  test('is of the model and batch that are asked for', async () => {
    const result = await measured({});
    expect(result).toMatchObject({
      optimizer: 'zo-sgd',
      scheme: 'full',
      size: 'tiny',
      task: 'language-model',
      batch: 2,
      seq: 7, // of 8 tokens the last is a target alone
      threads: 1,
    });
    expect([result.params, result.trainable]).toEqual([PARAMETERS, PARAMETERS]);
    // Weights of deviation 0.02 know nothing of random tokens.
    expect(Math.abs((result.loss_first ?? NaN) - Math.log(2048))).toBeLessThan(0.2);
  });

  test('has as many samples as steps, their quantiles in order, and parts within the whole', async () => {
    const { steps, step_ms_min, step_ms_p25, step_ms, step_ms_p75, forward_ms, update_ms } = await measured({ steps: 5 });
    expect(steps).toBe(5);
    const quantiles = [step_ms_min, step_ms_p25, step_ms, step_ms_p75].map((ms) => ms ?? NaN);
    expect(quantiles).toEqual([...quantiles].sort((a, b) => a - b));
    for (const part of [step_ms_min, forward_ms, update_ms]) expect(part).toBeGreaterThan(0);
  });

  test('of a scheme trains its parameters alone', async () => {
    // LoRA of rank 8 on query and value of each block: two factors each.
    expect((await measured({ scheme: 'lora', steps: 1 })).trainable).toBe(4 * 2 * 2 * 8 * 128);
  });

  test('of a first-order optimizer has one time for both passes and none for perturbing', async () => {
    const result = await measured({ optimizer: 'fo-sgd', steps: 1 });
    expect(result).toMatchObject({ forward_ms: null, perturb_ms: null });
    expect(result.forward_backward_ms).toBeGreaterThan(0);
  });

  test("on a task's items has the same loss the papers' way, one padded sequence per candidate, as packed", async () => {
    const real = { model: 'opt-mini', task: 'sst2', batch: 4, steps: 1, warmup: 0 };
    const [packed, plain] = [await measured(real), await measured({ ...real, plain: true })];
    expect(packed).toMatchObject({ size: 'opt-mini', task: 'sst2', plain: false });
    expect(Math.abs((plain.loss_first ?? NaN) - (packed.loss_first ?? NaN))).toBeLessThan(1e-4);
    expect(plain.seq).not.toBe(packed.seq);
  });
});

describe('the measuring process', () => {
  const answer = (configuration: StepConfiguration) => measuredBy('studies/speed/worker.ts', configuration);

  test('answers with the result', async () => {
    expect(await answer({ ...tiny, steps: 1 })).toMatchObject({ size: 'tiny', steps: 1, device: 'cpu' });
  });

  test('answers with the reason where it cannot', async () => {
    await expect(answer({ ...tiny, size: 'huge' })).rejects.toEqual(new InputError('unknown size huge'));
  });
});
