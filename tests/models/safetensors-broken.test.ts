import { afterAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { InputError } from '../../engine/errors.js';
import { readSafetensorsHeader, writeSafetensors } from '../../models/safetensors.js';
import { writeByHand, type Contents } from '../support/hand-made-safetensors.js';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'zobench-broken-'));
afterAll(() => fs.rmSync(folder, { recursive: true }));

let files = 0;
const newFile = () => path.join(folder, `${files++}.safetensors`);
const handMade = (...contents: Contents): string => writeByHand(newFile(), ...contents);

describe('broken files', () => {
  const entry = (shape: unknown, offsets: unknown, dtype: unknown = 'F32') => ({ t: { dtype, shape, data_offsets: offsets } });
  const pair = (a: [number, number], b: [number, number]) => ({
    a: { dtype: 'U8', shape: [a[1] - a[0]], data_offsets: a },
    b: { dtype: 'U8', shape: [b[1] - b[0]], data_offsets: b },
  });
  const eight = new Uint8Array(8);
  const cases: [string, () => string, RegExp][] = [
    ['a file of 5 bytes', () => write(Buffer.alloc(5)), /it has 5 bytes, the header length alone takes 8/],
    ['a header cut short', () => handMade('{"t"', eight.subarray(0, 0), 900), /is cut short: header of 900 bytes in a file of 12/],
    ['a header length of 2^63', () => write(Buffer.from([0, 0, 0, 0, 0, 0, 0, 0x80, 0x7b])), /claims 9223372036854775808 bytes/],
    ['a header that is no JSON', () => handMade('{"t": NaN}', eight), /its header is not a JSON object/],
    ['a header that is a list', () => handMade('[]', eight), /its header is not a JSON object/],
    ['a tensor that is no object', () => handMade({ t: 3 }, eight), /tensor t: an object is needed, not 3/],
    [
      'a shape with null, as NaN is spelled',
      () => handMade(entry([null], [0, 8]), eight),
      /tensor t: shape\.0: a whole number is needed, not null/,
    ],
    ['a negative extent', () => handMade(entry([-2], [0, 8]), eight), /tensor t: shape\.0: a number of at least 0 is needed, not -2/],
    [
      'an extent above 2^53',
      () => handMade(entry([2 ** 60], [0, 8]), eight),
      /tensor t: shape\.0: a number of at most 9007199254740991 is needed/,
    ],
    ['one offset', () => handMade(entry([2], [8]), eight), /tensor t: data_offsets/],
    ['offsets behind the end', () => handMade(entry([2], [4, 12]), eight), /data_offsets \[4, 12\] do not lie in the 8 bytes/],
    ['offsets that run backwards', () => handMade(entry([2], [8, 0]), eight), /data_offsets \[8, 0\] do not lie/],
    ['a size that the shape does not take', () => handMade(entry([3], [0, 8]), eight), /shape \[3\] of F32 does not take 8 bytes/],
    [
      'a product that wraps to the right size in 64 bits',
      () => handMade(entry([2 ** 32, 2 ** 32], [0, 0]), eight),
      /of F32 does not take 0 bytes/,
    ],
    ['overlapping tensors', () => handMade(pair([0, 5], [4, 8]), eight), /the data of tensors a and b overlap/],
    ['bytes before a tensor', () => handMade(pair([2, 4], [4, 8]), eight), /2 bytes before tensor a belong to no tensor/],
    ['bytes between tensors', () => handMade(pair([0, 3], [4, 8]), eight), /1 bytes before tensor b belong to no tensor/],
    ['bytes after the last tensor', () => handMade(pair([0, 3], [3, 6]), eight), /the last 2 bytes belong to no tensor/],
    ['a header nested a million deep', () => handMade('['.repeat(1e6), eight), /its header is not a JSON object/],
    ['an element type from a prototype', () => handMade(entry([2], [0, 8], 'constructor'), eight), /of constructor does not take 8 bytes/],
    ['a tensor inside another', () => handMade(pair([0, 8], [2, 4]), eight), /the data of tensors a and b overlap/],
  ];

  function write(bytes: Buffer): string {
    const file = newFile();
    fs.writeFileSync(file, bytes);
    return file;
  }

  it.each(cases)('%s is refused in one line that names the file', (_, make, message) => {
    const file = make();
    const refusal = refusalOf(file);
    expect(refusal).toBeInstanceOf(InputError);
    expect(refusal?.message).toMatch(message);
    expect(refusal?.message).toContain(file);
    expect(refusal?.message).not.toContain('\n');
  });

  it('a missing file is named', () => {
    const file = newFile();
    expect(() => readSafetensorsHeader(file)).toThrow(new InputError(`${file} does not exist`));
  });

  it('random damage to a header is refused or harmless, never another kind of error', () => {
    const good = newFile();
    const tensors = [
      { name: 'a', shape: [2, 2], data: new Float32Array(4).fill(1.5) },
      { name: 'b', shape: [3], data: new Float32Array(3).fill(1.5) },
    ];
    writeSafetensors(good, tensors, 'F16', { format: 'pt' });
    const bytes = fs.readFileSync(good);
    const headerEnd = 8 + Number(bytes.readBigUInt64LE());
    const file = newFile();
    fc.assert(
      fc.property(fc.nat(headerEnd - 1), fc.nat(255), fc.nat(bytes.length), (at, value, length) => {
        const damaged = Buffer.from(bytes.subarray(0, Math.max(length, at + 1)));
        damaged[at] = value;
        fs.writeFileSync(file, damaged);
        const refusal = refusalOf(file);
        expect(refusal === undefined || refusal instanceof InputError).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  function refusalOf(file: string): Error | undefined {
    try {
      readSafetensorsHeader(file);
      return undefined;
    } catch (error) {
      return error as Error;
    }
  }
});
