import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { afterProcessorTime, TimeUpError, withinTime } from '../../engine/index.js';

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

describe('a limit for what another thread does', () => {
  afterEach(() => {
    jest.restoreAllMocks();
  });
  const milliseconds = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
  /** A process that has had so much of the processor's time. */
  const have = (ms: number) => jest.spyOn(process, 'cpuUsage').mockReturnValue({ user: 1000 * ms, system: 0 });

  test('is up when the processor has spent that time, and not before', async () => {
    const isUp = jest.fn();
    have(1000);
    afterProcessorTime(50, isUp);
    await milliseconds(150);
    expect(isUp).not.toHaveBeenCalled();
    have(1050);
    await milliseconds(100);
    expect(isUp).toHaveBeenCalledTimes(1);
  });

  test('is up in the end where the processor never comes', async () => {
    const isUp = jest.fn();
    have(1000);
    afterProcessorTime(4, isUp);
    await milliseconds(250);
    expect(isUp).toHaveBeenCalledTimes(1);
  });

  test('can be lifted', async () => {
    const isUp = jest.fn();
    afterProcessorTime(20, isUp)();
    have(1e9);
    await milliseconds(60);
    expect(isUp).not.toHaveBeenCalled();
  });
});
