import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { readJsonObject } from '../../models/index.js';

const folder = mkdtempSync(join(tmpdir(), 'zobench-json-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = join(folder, 'x.json');

function read(content: string | Buffer): unknown {
  writeFileSync(file, content);
  return readJsonObject(file);
}

test('a byte order mark in front is no text; one within a text stays', () => {
  expect(read('\uFEFF{"a": 1}')).toEqual({ a: 1 });
  expect(read(Buffer.from([0xef, 0xbb, 0xbf, 0x7b, 0x7d]))).toEqual({});
  expect(read('{"\uFEFFa": "\uFEFF"}')).toEqual({ '\uFEFFa': '\uFEFF' });
});

describe("Python's literals", () => {
  const infinity = { __float__: 'Infinity' };

  test.each([
    ['{"model_max_length": Infinity}', { model_max_length: infinity }],
    ['{"a": -Infinity, "b": [NaN, 1e30]}', { a: { __float__: '-Infinity' }, b: [{ __float__: 'NaN' }, 1e30] }],
    ['{"a": {"b": Infinity}}', { a: { b: infinity } }],
    ['{"a": {"__float__": "Infinity"}}', { a: infinity }],
  ])('%s', (text, value) => {
    expect(read(text)).toEqual(value);
  });

  test('are left alone in strings, whatever is escaped there', () => {
    const strings = { NaN: 'Infinity', a: '"NaN', b: 'x\\', c: 'NaN"' };
    expect(read(`${JSON.stringify(strings).slice(0, -1)},"d":NaN}`)).toEqual({ ...strings, d: { __float__: 'NaN' } });
  });

  test.each(['{"a": NaNs}', '{"a": Infinity', '{"a": +Infinity}', '{"a": "NaN}', '{NaN: 1}'])('do not make JSON of %s', (text) => {
    expect(() => read(text)).toThrow(`${file} is not a JSON object`);
  });

  test('are looked for in linear time', () => {
    const start = performance.now();
    expect(() => read(`{"a": NaN, "${'\\"'.repeat(1e6)}`)).toThrow('is not a JSON object');
    expect(performance.now() - start).toBeLessThan(5000);
  });
});
