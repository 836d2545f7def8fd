import { afterAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { InputError } from '../../engine/errors.js';
import { readSafetensorsHeader, writeSafetensors, type StorageType, type TensorData } from '../../models/safetensors.js';
import { writeByHand, type Contents } from '../support/hand-made-safetensors.js';
import { valuesOfTensor } from '../support/tensor-values.js';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'zobench-safetensors-'));
afterAll(() => fs.rmSync(folder, { recursive: true }));

let files = 0;
const newFile = () => path.join(folder, `${files++}.safetensors`);

const handMade = (...contents: Contents): string => writeByHand(newFile(), ...contents);

function readOnly(file: string): Float32Array {
  const [info] = readSafetensorsHeader(file);
  if (!info) throw new Error(`${file} is empty`);
  return valuesOfTensor(info);
}

function roundTrip(data: Float32Array, dtype: StorageType): Float32Array {
  const file = newFile();
  writeSafetensors(file, [{ name: 't', shape: [data.length], data }], dtype);
  const read = readOnly(file);
  fs.rmSync(file);
  return read;
}

const bitsOf = (values: Float32Array) => new Uint32Array(values.buffer, values.byteOffset, values.length);

describe('reading', () => {
  it('takes float32, float16 and bfloat16 as the format lays them out', () => {
    const data = Buffer.from([0x00, 0x00, 0x80, 0x3f, 0x00, 0x3c, 0x01, 0x80, 0x80, 0x3f, 0x49, 0xc0]);
    const file = handMade(
      {
        half: { dtype: 'F16', shape: [2], data_offsets: [4, 8] },
        full: { dtype: 'F32', shape: [], data_offsets: [0, 4] },
        brain: { dtype: 'BF16', shape: [1, 2], data_offsets: [8, 12] },
        __metadata__: { format: 'pt' },
      },
      data,
    );
    const values = readSafetensorsHeader(file).map((info) => [info.name, info.shape, [...valuesOfTensor(info)]]);
    expect(values).toEqual([
      ['full', [], [1]],
      ['half', [2], [1, -(2 ** -24)]],
      ['brain', [1, 2], [1, -3.140625]],
    ]);
  });

  it('lists tensors of other types and refuses only to read them', () => {
    const file = handMade({ ids: { dtype: 'I64', shape: [1], data_offsets: [0, 8] } }, new Uint8Array(8));
    const [info] = readSafetensorsHeader(file);
    expect(info).toMatchObject({ name: 'ids', dtype: 'I64' });
    expect(() => readOnly(file)).toThrow(new InputError(`${file}: tensor ids is I64; only F32, F16 and BF16 can be read`));
  });
});

function tensor(name: string, shape: readonly number[]): TensorData {
  return { name, shape, data: new Float32Array(shape.reduce((product, extent) => product * extent, 1)).fill(1.5) };
}

describe('writing', () => {
  it('sorts by name, aligns the data to 8 bytes and keeps the metadata', () => {
    const file = newFile();
    writeSafetensors(file, [tensor('b', [3]), tensor('a', [1, 2]), tensor('empty', [0, 4])], 'F16', { format: 'pt' });
    const bytes = fs.readFileSync(file);
    const headerBytes = Number(bytes.readBigUInt64LE());
    expect(headerBytes % 8).toBe(0);
    expect(JSON.parse(bytes.toString('utf8', 8, 8 + headerBytes))).toEqual({
      __metadata__: { format: 'pt' },
      a: { dtype: 'F16', shape: [1, 2], data_offsets: [0, 4] },
      b: { dtype: 'F16', shape: [3], data_offsets: [4, 10] },
      empty: { dtype: 'F16', shape: [0, 4], data_offsets: [10, 10] },
    });
    expect(bytes.length).toBe(8 + headerBytes + 10);
  });

  it('leaves neither a file nor remains when it fails', () => {
    const place = fs.mkdtempSync(path.join(folder, 'failed-'));
    const target = path.join(place, 'occupied');
    fs.mkdirSync(path.join(target, 'folder'), { recursive: true });
    expect(() => writeSafetensors(target, [tensor('a', [1])], 'F32')).toThrow();
    expect(fs.readdirSync(place)).toEqual(['occupied']);
  });

  it.each([
    ['two tensors of one name', [tensor('a', [1]), tensor('a', [1])], 'tensor name a is taken'],
    ['the reserved name', [tensor('__metadata__', [1])], 'tensor name __metadata__ is taken'],
    ['data that do not fit', [{ ...tensor('a', [2]), shape: [3] }], 'tensor a: shape [3] does not fit 2 elements'],
  ])('refuses %s', (_, tensors, message) => {
    expect(() => writeSafetensors(newFile(), tensors, 'F32')).toThrow(message);
  });

  it('keeps every float32 bit for bit', () => {
    fc.assert(
      fc.property(fc.uint32Array({ maxLength: 40 }), (bits) => {
        expect([...bitsOf(roundTrip(new Float32Array(Uint32Array.from(bits).buffer), 'F32'))]).toEqual([...bits]);
      }),
      { numRuns: 50 },
    );
  });
});

/** The finite values of a 16-bit format from its definition, ascending from zero, and where the next would be. */
function magnitudes(exponentBits: number, mantissaBits: number): number[] {
  const bias = 2 ** (exponentBits - 1) - 1;
  const steps = 2 ** mantissaBits;
  const count = (2 ** exponentBits - 1) * steps;
  return Array.from({ length: count + 1 }, (_, pattern) => {
    const exponent = Math.floor(pattern / steps);
    const fraction = (pattern % steps) / steps;
    return exponent === 0 ? fraction * 2 ** (1 - bias) : (1 + fraction) * 2 ** (exponent - bias);
  });
}

/** Nearest of the format's values, of two equally near the one with the even pattern; the one past the last is infinity. */
function nearest(value: number, table: readonly number[]): number {
  const magnitude = Math.min(Math.abs(value), table.at(-1) ?? 0);
  let above = 0;
  for (let step = 2 ** 15; step >= 1; step /= 2) {
    if ((table[above + step - 1] ?? Infinity) < magnitude) above += step;
  }
  const [low, high] = [table[above - 1] ?? 0, table[above] ?? Infinity];
  const tie = magnitude - low === high - magnitude;
  const pattern = tie ? above - (above % 2) : above - Number(magnitude - low < high - magnitude);
  const rounded = pattern === table.length - 1 ? Infinity : (table[Math.max(pattern, 0)] ?? NaN);
  return value < 0 || Object.is(value, -0) ? -rounded : rounded;
}

describe.each([
  { dtype: 'F16' as const, exponentBits: 5, mantissaBits: 10 },
  { dtype: 'BF16' as const, exponentBits: 8, mantissaBits: 7 },
])('$dtype', ({ dtype, exponentBits, mantissaBits }) => {
  const table = magnitudes(exponentBits, mantissaBits);

  it('every one of the 65,536 patterns survives reading and writing bit for bit, NaN payloads included', () => {
    const patterns = Uint16Array.from({ length: 65_536 }, (_, i) => i);
    const header = { t: { dtype, shape: [65_536], data_offsets: [0, 131_072] } };
    const values = readOnly(handMade(header, new Uint8Array(patterns.buffer)));
    const file = newFile();
    writeSafetensors(file, [{ name: 't', shape: [65_536], data: values }], dtype);
    const bytes = fs.readFileSync(file);
    expect(Buffer.compare(bytes.subarray(-131_072), Buffer.from(patterns.buffer))).toBe(0);
  });

  it('its values are those of the definition', () => {
    const patterns = Uint16Array.from({ length: table.length - 1 }, (_, i) => i);
    const header = { t: { dtype, shape: [patterns.length], data_offsets: [0, patterns.byteLength] } };
    const values = readOnly(handMade(header, new Uint8Array(patterns.buffer)));
    expect(values.findIndex((value, i) => value !== table[i])).toBe(-1);
  });

  it('rounds to the nearest value, ties to even, infinity past the largest', () => {
    const anyFloat = fc.float({ noNaN: true });
    const halfway = fc.nat(table.length - 2).map((i) => Math.fround(((table[i] ?? 0) + (table[i + 1] ?? 0)) / 2));
    const besideHalfway = fc.tuple(halfway, fc.constantFrom(1 - 2 ** -23, 1 + 2 ** -23)).map(([v, f]) => Math.fround(v * f));
    const signed = fc.tuple(fc.oneof(anyFloat, halfway, besideHalfway), fc.boolean()).map(([v, minus]) => (minus ? -v : v));
    fc.assert(
      fc.property(fc.array(signed, { minLength: 50, maxLength: 100 }), (values) => {
        const data = Float32Array.from(values);
        expect([...roundTrip(data, dtype)]).toEqual([...data].map((value) => nearest(value, table)));
      }),
      { numRuns: 60 },
    );
  });

  it('NaN stays NaN, whatever its payload', () => {
    const data = new Float32Array(Uint32Array.of(0x7f800001, 0xffffffff, 0x7fc00000, 0xff801000).buffer);
    expect([...roundTrip(data, dtype)]).toEqual([NaN, NaN, NaN, NaN]);
  });
});
