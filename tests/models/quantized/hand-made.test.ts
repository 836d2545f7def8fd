import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { InputError } from '../../../engine/index.js';
import { openCheckpoint } from '../../../models/index.js';
import { codeAt, packCodes, type Bits } from '../../../models/quantized/packed.js';
import { writeSafetensors, type RawTensor } from '../../../models/safetensors.js';
import { architectureOf } from '../../../models/model.js';
import { valuesOf } from '../../support/tensor-values.js';
import { tinyConfigs } from '../../support/tiny-model.js';

// Layers of a few weights, worked by hand.

const root = mkdtempSync(join(tmpdir(), 'zobench-quantized-'));
afterAll(() => rmSync(root, { recursive: true }));

let folder = '';
beforeEach(() => void (folder = mkdtempSync(join(root, 'model-'))));

const int32 = (name: string, shape: number[], values: number[]): RawTensor => ({
  ...{ name, shape, dtype: 'I32' },
  bytes: new Uint8Array(Int32Array.from(values).buffer),
});
const int16 = (name: string, shape: number[], values: number[]): RawTensor => ({
  ...{ name, shape, dtype: 'I16' },
  bytes: new Uint8Array(Int16Array.from(values).buffer),
});
const float = (name: string, shape: number[], values: number[]) => ({ name, shape, data: Float32Array.from(values) });

type Tensor = Parameters<typeof writeSafetensors>[1][number];

/** A layer of eight inputs and one output: codes 0 to 7, scale 0.5. */
const layer = (zero: number, changes: Readonly<Record<string, Tensor | undefined>> = {}): Tensor[] =>
  Object.values<Tensor | undefined>({
    qweight: int32('l.qweight', [1, 1], [0x76543210]),
    qzeros: int32('l.qzeros', [1, 1], [zero]),
    scales: float('l.scales', [1, 1], [0.5]),
    ...changes,
  }).filter((tensor) => tensor !== undefined);

const gptq = { quant_method: 'gptq', bits: 4, group_size: 8, sym: true, checkpoint_format: 'gptq' };

function weightOf(quantization: object, tensors: readonly Tensor[], shape: readonly [number, number] = [1, 8]): number[] {
  writeFileSync(join(folder, 'config.json'), JSON.stringify({ model_type: 'llama', quantization_config: quantization }));
  writeSafetensors(join(folder, 'model.safetensors'), tensors, 'F32');
  return [...valuesOf(openCheckpoint(folder).source('l.weight', shape), shape[0] * shape[1])];
}

function refusal(quantization: object, tensors: readonly Tensor[]): string {
  try {
    weightOf(quantization, tensors);
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
    expect((error as Error).message).not.toContain('\n');
    return (error as Error).message;
  }
  throw new Error('nothing was refused');
}

const centred = (zero: number): number[] => [0, 1, 2, 3, 4, 5, 6, 7].map((code) => 0.5 * (code - zero));

test('codes come out of bytes as they were put in', () => {
  fc.assert(
    fc.property(fc.constantFrom<Bits>(2, 4, 8), fc.array(fc.nat(255), { maxLength: 40 }), (bits, numbers) => {
      const codes = numbers.map((number) => number % 2 ** bits);
      const bytes = packCodes(codes, bits);
      expect(codes.map((_, place) => codeAt(bytes, place, bits))).toEqual(codes);
    }),
  );
});

describe('zero points', () => {
  test('version 1 stores one less', () => expect(weightOf({ ...gptq, sym: false }, layer(4))).toEqual(centred(5)));
  test('version 1 stores zero as the largest code', () => expect(weightOf({ ...gptq, sym: false }, layer(15))).toEqual(centred(0)));
  test('version 2 stores them', () =>
    expect(weightOf({ ...gptq, sym: false, checkpoint_format: 'gptq_v2' }, layer(4))).toEqual(centred(4)));
  test.each(['gptq', 'gptq_v2'])('symmetric ones are the middle, whichever version %s says', (checkpoint_format) => {
    expect(weightOf({ ...gptq, checkpoint_format }, layer(7))).toEqual(centred(8));
    expect(weightOf({ ...gptq, checkpoint_format }, layer(8))).toEqual(centred(8));
  });
});

test('with an order of activation each input has the scale of its group', () => {
  const tensors = layer(0x8, {
    qzeros: int32('l.qzeros', [2, 1], [8, 8]),
    scales: float('l.scales', [2, 1], [1, 10]),
    groups: int32('l.g_idx', [8], [1, 0, 1, 0, 1, 0, 1, 0]),
  });
  expect(weightOf({ ...gptq, group_size: 4, desc_act: true, checkpoint_format: 'gptq_v2' }, tensors)).toEqual([
    -80, -7, -60, -5, -40, -3, -20, -1,
  ]);
});

test("AutoGPTQ's own file says how it is quantised", () => {
  writeFileSync(join(folder, 'quantize_config.json'), JSON.stringify({ bits: 4, group_size: 8, sym: false, desc_act: false }));
  writeFileSync(join(folder, 'config.json'), JSON.stringify({ model_type: 'llama' }));
  writeSafetensors(join(folder, 'model.safetensors'), layer(2), 'F32');
  expect([...valuesOf(openCheckpoint(folder).source('l.weight', [1, 8]), 8)]).toEqual(centred(3));
});

test('codebooks: a code names a vector, modulo their number, times the scale of its output', () => {
  const aqlm = { quant_method: 'aqlm', num_codebooks: 2, nbits_per_codebook: 2, in_group_size: 2, out_group_size: 1 };
  const tensors = [
    int16('l.codes', [2, 2, 2], [0, -1, 1, 0, 2, 0, 3, -2]),
    float('l.codebooks', [2, 4, 1, 2], [1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 10, 10, 20, 20, 30, 30]),
    float('l.scales', [2, 1, 1, 1], [1, -1]),
  ];
  expect(weightOf(aqlm, tensors, [2, 4])).toEqual([31, 32, 3, 4, -5, -6, -27, -28]);
});

describe('refused in a line', () => {
  test.each([
    ['another method', { quant_method: 'awq', bits: 4 }, /quant_method: "awq" is not supported \(there are: gptq, aqlm\)$/],
    ['three bits', { ...gptq, bits: 3 }, /config\.json: quantization: bits:/],
    ['another format', { ...gptq, checkpoint_format: 'marlin' }, /quantization: checkpoint_format:/],
    ['settings for single layers', { ...gptq, dynamic: { 'layer.0': { bits: 8 } } }, /quantization: dynamic/],
  ])('%s', (_, quantization, message) => expect(refusal(quantization, layer(7))).toMatch(message));

  test.each([
    ['codes of another shape', { qweight: int32('l.qweight', [2, 1], [0, 0]) }, /tensor l\.qweight in .* has shape \[2, 1\]/],
    ['codes of another type', { qweight: int16('l.qweight', [1, 1], [0]) }, /tensor l\.qweight in .* is I16, not I32$/],
    ['no scales', { scales: undefined }, /tensor l\.scales is missing/],
    ['a group that is not there', { groups: int32('l.g_idx', [8], [0, 0, 0, 0, 0, 0, 0, 9]) }, /puts input 7 into group 9; there are 1$/],
    ['a negative group', { groups: int32('l.g_idx', [8], [0, 0, 0, 0, 0, 0, 0, -1]) }, /puts input 7 into group -1; there are 1$/],
  ])('%s', (_, changes, message) => expect(refusal(gptq, layer(7, changes))).toMatch(message));

  test('groups of other sizes', () => {
    const tensors = layer(8, {
      qzeros: int32('l.qzeros', [2, 1], [8, 8]),
      scales: float('l.scales', [2, 1], [1, 10]),
      groups: int32('l.g_idx', [8], [0, 0, 0, 0, 0, 1, 1, 1]),
    });
    expect(refusal({ ...gptq, group_size: 4 }, tensors)).toMatch(/puts 5 inputs into group 0, which takes 4$/);
  });
});

test('a quantised model says in every record of it that it is held and trained in float32', () => {
  const plain = tinyConfigs.opt;
  const quantized = { ...plain, quantization_config: { quant_method: 'gptq', bits: 4, group_size: 32 } };
  expect(architectureOf(quantized, 'config.json').warnings).toEqual([
    ...architectureOf(plain, 'config.json').warnings,
    'config.json: its weights are quantised (gptq); they are held, and what is trained of them is trained, in float32',
  ]);
});
