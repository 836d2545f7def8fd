import { expect, test } from '@jest/globals';
import { TimeUpError, withinTime } from '../../engine/index.js';

const loop = (): never => {
  for (;;);
};
const explode = (): boolean => /^(a|aa)+$/.test(`${'a'.repeat(60)}!`);
const sleep = (): string => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);

test.each([
  ['a loop', loop],
  ['a pattern that explodes', explode],
])('%s ends when its time is up, whatever was ended before', (_, act) => {
  expect(() => withinTime(50, act)).toThrow(TimeUpError);
  expect(withinTime(50, () => 7)).toBe(7);
});

test('what got no processor is no loop: it is begun again with more time', () => {
  expect(withinTime(50, sleep)).toBe('timed-out');
});

test('an error of what is done is thrown on', () => {
  expect(() => withinTime(50, () => JSON.parse('{') as unknown)).toThrow(SyntaxError);
});
