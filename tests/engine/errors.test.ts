import { describe, expect, test } from '@jest/globals';
import { InputError, isOutOfMemory, OutOfMemoryError, UsageError } from '../../engine/errors.js';

function thrownBy(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    return error;
  }
}

describe('that memory is out', () => {
  test.each([
    ['a heap', new OutOfMemoryError('no memory for 1 MiB more')],
    ['V8', thrownBy(() => new ArrayBuffer(2 ** 52))],
    ['ONNX Runtime', new Error('Non-zero status code ... Failed to allocate memory for requested buffer of size 4096')],
    ['C++', new Error('std::bad_alloc')],
  ])('is understood where %s says it', (_, error) => {
    expect(isOutOfMemory(error)).toBe(true);
  });

  test.each([new RangeError('Invalid typed array length: -1'), new Error('no such file'), 'bad_alloc', undefined])(
    'is not taken from %p',
    (error) => {
      expect(isOutOfMemory(error)).toBe(false);
    },
  );
});

test.each([InputError, UsageError])('a refusal is one line that can be read, its beginning and its end whole', (Refusal) => {
  expect(new Refusal('a/b: no field "x\n\u001b[2Jy"').message).toBe(String.raw`a/b: no field "x\n\u001b[2Jy"`);
  const { message } = new Refusal(`file.json: there is no ${'x'.repeat(1e5)}; give another`);
  expect(message).toMatch(/^file\.json: there is no x+ … x+; give another$/);
  expect(message.length).toBeLessThanOrEqual(1500);
});
