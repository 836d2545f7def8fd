import { expect, test } from '@jest/globals';
import { rotaryFrequencies, rotaryTables, type RopeScaling } from '../../models/rotary.js';

const scaled = (size: number, theta: number, scaling: RopeScaling): readonly number[] => rotaryFrequencies(size, { theta, scaling });

test('plain frequencies are powers of theta', () => {
  expect(scaled(4, 100, { rope_type: 'default' })).toEqual([1, 0.1]);
});

test('linear scaling divides every frequency', () => {
  expect(scaled(4, 100, { rope_type: 'linear', factor: 4 })).toEqual([0.25, 0.025]);
});

// Worked out from the definition in Llama 3.1's released code, which compares wavelengths 2 pi / f with length / low and length / high:
// theta = 1e4, size 8 gives f = 1, 0.1, 0.01, 0.001 with wavelengths 6.28, 62.8, 628, 6283. With length 1024, low 1, high 4: wavelengths
// below 256 are kept, above 1024 divided by 8; 628.3 is blended with s = (1024 / 628.3 - 1) / 3 = 0.20992: f (0.79008 / 8 + 0.20992).
test('Llama 3.1 keeps short wavelengths, stretches long ones and blends between', () => {
  const scaling: RopeScaling = {
    rope_type: 'llama3',
    factor: 8,
    low_freq_factor: 1,
    high_freq_factor: 4,
    original_max_position_embeddings: 1024,
  };
  const [first, second, third = NaN, fourth = NaN] = scaled(8, 1e4, scaling);
  expect(first).toBe(1);
  expect(second).toBe(0.1);
  expect(third).toBeCloseTo(0.01 * (0.79008 / 8 + 0.20992), 7);
  expect(fourth).toBeCloseTo(0.001 / 8, 12);
});

test('tables turn position p by p times the frequency, padding by nothing', () => {
  const { rotary_cosines: cosines, rotary_sines: sines } = rotaryTables(Int32Array.of(2, -1), 1, 2, [0.5]);
  expect(cosines?.dims).toEqual([1, 2, 2]);
  expect([...(cosines?.data as Float32Array)]).toEqual([Math.cos(1), Math.cos(1), 1, 1].map(Math.fround));
  expect([...(sines?.data as Float32Array)]).toEqual([-Math.sin(1), Math.sin(1), -0, 0].map(Math.fround));
});
