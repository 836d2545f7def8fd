import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decodeText, readText } from '../../engine/index.js';

const MARK = Buffer.from([0xef, 0xbb, 0xbf]);

describe('text of a file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'zobench-text-'));
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  test('is what was written, with and without a byte order mark', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        fc.pre(!text.startsWith('\uFEFF') && !text.includes('\0'));
        expect(decodeText(Buffer.from(text), 'a')).toBe(text);
        expect(decodeText(Buffer.concat([MARK, Buffer.from(text)]), 'a')).toBe(text);
      }),
    );
  });

  test('may hold a zero, or several anywhere', () => {
    for (const text of ['a\0b', 'ab\0', 'a\0bc\0']) expect(decodeText(Buffer.from(text), 'a')).toBe(text);
  });

  test('keeps a mark that stands inside, and loses only one', () => {
    expect(decodeText(Buffer.concat([MARK, MARK, Buffer.from('a')]), 'a')).toBe('\uFEFFa');
    expect(decodeText(Buffer.concat([Buffer.from('a'), MARK]), 'a')).toBe('a\uFEFF');
  });

  test.each([
    ['little endian with mark', Buffer.from('\uFEFF{"a": 1}', 'utf16le')],
    ['big endian with mark', Buffer.from('\uFEFF{"a": 1}', 'utf16le').swap16()],
    ['little endian without mark', Buffer.from('{"a": 1}', 'utf16le')],
    ['big endian without mark', Buffer.from('{"a": 1}', 'utf16le').swap16()],
    ['without mark, its first character not ASCII', Buffer.from('élan\n', 'utf16le')],
    ['the same, big endian', Buffer.from('«Ja», sagte er.\n', 'utf16le').swap16()],
    ['the same, most of it not ASCII', Buffer.from('日本語の文です。 映画は\n良い。\n', 'utf16le')],
  ])('in UTF-16, %s, is refused by that name', (_, bytes) => {
    const file = join(folder, 'utf16.txt');
    writeFileSync(file, bytes);
    expect(() => readText(file)).toThrow(`${file} is UTF-16, as PowerShell's > writes it: save it as UTF-8`);
  });

  test.each([
    ['Latin-1 in the third line', Buffer.from('a\nb\ncaf\xe9\nd', 'latin1'), 3],
    ['a character that is cut at the end', Buffer.from('é\né').subarray(0, 4), 2],
    ['an overlong form', Buffer.from([0x61, 0xc0, 0x80]), 1],
    ['a surrogate', Buffer.from([0x0a, 0x0a, 0xed, 0xa0, 0x80, 0x0a]), 3],
  ])('that is not UTF-8 (%s) is refused with its line', (_, bytes, line) => {
    expect(() => decodeText(bytes, 'some.txt')).toThrow(`some.txt:${line}: the text is not UTF-8: save the file as UTF-8`);
  });
});
