import { expect, test } from '@jest/globals';
import { visible } from '../../engine/index.js';

test.each([
  ['a colour', '\u001b[31mred', String.raw`\u001b[31mred`],
  ['lines and a tab', 'a\nb\r\tc', String.raw`a\nb\r\tc`],
  ['a line separator', 'a\u2028b', String.raw`a\u2028b`],
  ['text turned around', 'a\u202etxt.exe', String.raw`a\u202etxt.exe`],
  ['a C1 control', '\u009b2J', String.raw`\u009b2J`],
  ['half a character', 'a\ud83d', String.raw`a\ud83d`],
])('%s is written out', (_, text, shown) => {
  expect(visible(text)).toBe(shown);
});

test.each(['./mine.ts', 'größer 模型 👩‍🔬', "it's <b>"])('%s stays as it is', (text) => {
  expect(visible(text)).toBe(text);
});
