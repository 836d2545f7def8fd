import { describe, expect, test } from '@jest/globals';
import { bytesText, duration, fixed, grouped, percent, significant } from '../../engine/index.js';

describe('halves are rounded away from zero, as decimals', () => {
  test.each([
    [85.25, 1, '85.3'],
    [-85.25, 1, '-85.3'],
    [1.005, 2, '1.01'], // the nearest binary fraction lies below
    [8.345, 2, '8.35'],
    [100 * 0.2845, 1, '28.5'], // 28.449999999999996
    [100 * 0.565, 0, '57'], // 56.49999999999999
    [-0.04, 1, '0.0'],
    [1234.5, 0, '1235'],
  ] as const)('%d to %d digits is %s', (value, digits, text) => {
    expect(fixed(value, digits)).toBe(text);
  });

  test('whichever way a share came to be: from counts, as a mean, as a sum', () => {
    const seeds = [0.855, 0.85, 0.8525];
    const mean = seeds.reduce((sum, share) => sum + share, 0) / seeds.length;
    for (const share of [341 / 400, mean, 0.1 + 0.7525, 0.8525]) expect(percent(share)).toBe('85.3');
    expect(fixed(100 * mean, 1)).toBe('85.3');
  });

  test('whole numbers have their thousands set apart, significant digits keep their zeros', () => {
    expect([0.5, 2.5, 1234.5, -1234567.4].map(grouped)).toEqual(['1', '3', '1,235', '-1,234,567']);
    expect([0.9995, 12.25, 12345.6].map((value) => significant(value, 3))).toEqual(['1.00', '12.3', '12300']);
  });

  test('what is no number is said as it is', () => {
    expect([fixed(NaN, 1), significant(Infinity, 3), grouped(NaN)]).toEqual(['NaN', 'Infinity', 'NaN']);
  });
});

test.each([
  [0, '0 bytes'],
  [1023, '1023 bytes'],
  [1024, '1.0 KiB'],
  [10_189, '10 KiB'],
  [2 ** 20 - 1, '1.0 MiB'],
  [2.25 * 2 ** 20, '2.3 MiB'],
  [125_239_296 * 2, '239 MiB'],
  [2 ** 30 - 1, '1.0 GiB'],
  [2_631_516_160, '2.5 GiB'],
  [2 ** 37, '128.0 GiB'],
])('%d bytes read as %s', (bytes, text) => {
  expect(bytesText(bytes)).toBe(text);
});

test.each([
  [0.04, '0.0 s'],
  [1.25, '1.3 s'],
  [9.94, '9.9 s'],
  [9.96, '10 s'],
  [41.6, '42 s'],
  [59.7, '1 min 0 s'],
  [200, '3 min 20 s'],
  [3599.6, '1 h 0 min'],
  [7199, '2 h 0 min'],
  [7500, '2 h 5 min'],
])('%d seconds read as %s', (seconds, text) => {
  expect(duration(seconds)).toBe(text);
});
