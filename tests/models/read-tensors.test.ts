import { afterAll, describe, expect, test } from '@jest/globals';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { InputError } from '../../engine/errors.js';
import { WasmHeap } from '../../engine/index.js';
import { loadTensors, readElements, storedTensor } from '../../models/read-tensors.js';
import { readSafetensorsHeader, writeSafetensors, type StorageType, type TensorData, type TensorInfo } from '../../models/safetensors.js';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'zobench-read-tensors-'));
afterAll(() => fs.rmSync(folder, { recursive: true }));

let files = 0;
function written(dtype: StorageType, ...tensors: TensorData[]): TensorInfo[] {
  const file = path.join(folder, `${files++}.safetensors`);
  writeSafetensors(file, tensors, dtype);
  return readSafetensorsHeader(file);
}

/** Numbers that all types hold. */
const numbers = (name: string, count: number, offset = 0): TensorData => ({
  name,
  shape: [count],
  data: Float32Array.from({ length: count }, (_, i) => ((i + offset) % 251) - 125),
});
/** More than two portions of either way to read, and not a whole number of them. */
const LARGE = (5 << 18) + 3;

const types = ['F32', 'F16', 'BF16'] as const;

describe('reading elements', () => {
  test.each(types)('writes the spans of a %s tensor one after another, and nothing beside them', (dtype) => {
    const heap = new WasmHeap();
    const around = heap.allocate(7);
    heap.floats(around, 7).fill(7);
    const [info] = written(dtype, { name: 't', shape: [3, 2], data: Float32Array.of(1, 2, -0.5, 4, 0, -8) });
    const spans = [
      { first: 3, count: 3 },
      { first: 1, count: 1 },
      { first: 1, count: 1 },
    ];
    if (info) readElements(info, spans, heap, around + 4);
    expect([...heap.floats(around, 7)]).toEqual([7, 4, 0, -8, 2, 2, 7]);
  });

  test.each(types)('joins the portions of a large %s tensor without a seam', (dtype) => {
    const tensor = numbers('t', LARGE);
    const [info] = written(dtype, tensor);
    const heap = new WasmHeap();
    const out = heap.allocate(LARGE);
    if (info) readElements(info, [{ first: 0, count: LARGE }], heap, out);
    expectSame(heap.floats(out, LARGE), tensor.data);
  });

  test('notices a file that was cut after its header had been read', () => {
    const [info] = cut(written('F32', numbers('t', 4)));
    const heap = new WasmHeap();
    expect(() => info && readElements(info, [{ first: 0, count: 4 }], heap, heap.allocate(4))).toThrow(
      /ends at byte \d+, more was expected; fetch it again/,
    );
  });

  test('refuses elements that the tensor does not have', () => {
    const [info] = written('F32', numbers('t', 4));
    const heap = new WasmHeap();
    const spans = [{ first: 1, count: 4 }];
    expect(() => info && readElements(info, spans, heap, heap.allocate(4))).toThrow('tensor t has 4 elements, 5 are asked for');
  });
});

describe('loading whole tensors', () => {
  test.each(types)('small and large %s tensors of two files come where they are wanted, and nothing beside them', async (dtype) => {
    const tensors = [numbers('a', LARGE), numbers('b', 5, 1), numbers('c', 0), numbers('d', LARGE, 2), numbers('e', 1, 3)];
    const infos = [...written(dtype, ...tensors.slice(0, 3)), ...written(dtype, ...tensors.slice(3))];
    const heap = new WasmHeap();
    const wanted = infos.map((info) => ({ info, around: heap.allocate((info.shape[0] ?? NaN) + 2) }));
    for (const { info, around } of wanted) heap.floats(around, (info.shape[0] ?? NaN) + 2).fill(7);
    await loadTensors(
      wanted.map(({ info, around }) => ({ ...storedTensor(info), out: around + 4 })),
      heap,
    );
    for (const { info, around } of wanted) {
      const expected = tensors.find(({ name }) => name === info.name)?.data ?? new Float32Array();
      const [before, after] = [around, around + 4 + 4 * expected.length].map((pointer) => heap.floats(pointer, 1)[0]);
      expect([before, after]).toEqual([7, 7]);
      expectSame(heap.floats(around + 4, expected.length), expected);
    }
  });

  test('a file that was cut is noticed while others of its tensors are read', async () => {
    const infos = cut(written('F16', ...Array.from({ length: 8 }, (_, k) => numbers(`t${k}`, 1000))));
    const heap = new WasmHeap();
    const wanted = infos.map((info) => ({ ...storedTensor(info), out: heap.allocate(1000) }));
    await expect(loadTensors(wanted, heap)).rejects.toThrow(/ends at byte \d+, more was expected; fetch it again/);
  });

  test('a file that has gone', async () => {
    const infos = written('F32', numbers('t', 4));
    const [{ file } = { file: '' }] = infos;
    fs.rmSync(file);
    const heap = new WasmHeap();
    const wanted = infos.map((info) => ({ ...storedTensor(info), out: heap.allocate(4) }));
    await expect(loadTensors(wanted, heap)).rejects.toThrow(new InputError(`${file} does not exist`));
  });
});

/** The same tensors, the last of which is no longer whole. */
function cut(infos: TensorInfo[]): TensorInfo[] {
  for (const file of new Set(infos.map((info) => info.file))) fs.truncateSync(file, fs.statSync(file).size - 2);
  return infos;
}

function expectSame(values: Float32Array, expected: Float32Array): void {
  expect(values).toHaveLength(expected.length);
  expect(Buffer.compare(Buffer.from(Float32Array.from(values).buffer), Buffer.from(expected.buffer))).toBe(0);
}
