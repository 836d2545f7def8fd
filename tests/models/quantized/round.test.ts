import { describe, expect, test } from '@jest/globals';
import { uniforms } from '../../../engine/index.js';
import { fitCodebooks } from '../../../models/quantized/fit-codebooks.js';
import { sumVectors } from '../../../models/quantized/codebooks.js';
import { inverseFactor } from '../../../models/quantized/inverse-factor.js';
import { dequantize, type Bits, type PackedWeight } from '../../../models/quantized/packed.js';
import { outputError, roundToNearest, roundWithHessian } from '../../../models/quantized/round.js';

const numbers = (count: number, seed: number): Float32Array => {
  const uniform = uniforms(seed);
  return Float32Array.from({ length: count }, () => uniform() - 0.5);
};

/** The Gram matrix of 40 inputs that depend on each other. */
function gramOf(inputs: number): Float64Array {
  const gram = new Float64Array(inputs * inputs);
  for (let token = 0; token < 40; token++) {
    const shared = numbers(2, 100 + token);
    const x = numbers(inputs, token).map((value, k) => value + 2 * (shared[k % 2] ?? NaN));
    for (let i = 0; i < inputs; i++)
      for (let j = 0; j < inputs; j++) gram[i * inputs + j] = (gram[i * inputs + j] ?? NaN) + (x[i] ?? NaN) * (x[j] ?? NaN);
  }
  return gram;
}

const valuesOf = (packed: PackedWeight): Float32Array => {
  const out = new Float32Array(packed.outputs * packed.inputs);
  dequantize(packed, out);
  return out;
};

const weight = { outputs: 6, inputs: 16, values: numbers(96, 7) };
const settings = (bits: Bits, symmetric = true) => ({ bits, groupSize: 8, symmetric });

test('the factor U of the inverse is upper triangular, and U^T U A = 1', () => {
  const [n, a] = [16, gramOf(16)];
  for (let i = 0; i < n; i++) a[i * n + i] = (a[i * n + i] ?? NaN) + 0.1;
  const u = inverseFactor(a.slice(), n);
  const at = (matrix: Float64Array, i: number, j: number): number => matrix[i * n + j] ?? NaN;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      if (j < i) expect(at(u, i, j)).toBe(0);
      let product = 0;
      for (let k = 0; k < n; k++) for (let l = 0; l < n; l++) product += at(u, l, i) * at(u, l, k) * at(a, k, j);
      expect(product).toBeCloseTo(i === j ? 1 : 0, 9);
    }
  }
});

describe('to the nearest', () => {
  test.each<[Bits, boolean]>([
    [2, true],
    [4, true],
    [4, false],
    [8, false],
  ])('%i bits, symmetric %s: no weight is further away than half a step, but where the grid ends', (bits, symmetric) => {
    const packed = roundToNearest(weight, settings(bits, symmetric));
    valuesOf(packed).forEach((value, at) => {
      const scale = packed.scales[Math.floor(at / 8)] ?? NaN;
      const most = symmetric ? scale : 0.51 * scale;
      expect(Math.abs(value - (weight.values[at] ?? NaN))).toBeLessThanOrEqual(most);
    });
  });

  test('by hand: -1, 0.5 and 0 at two bits', () => {
    const packed = roundToNearest(
      { outputs: 1, inputs: 4, values: Float32Array.of(-1, 0.5, 0, 0.125) },
      { bits: 2, groupSize: -1, symmetric: false },
    );
    expect(packed).toMatchObject({ scales: Float32Array.of(0.5), zeros: Float32Array.of(2), groupSize: 4 });
    expect([...valuesOf(packed)]).toEqual([-1, 0.5, 0, 0]);
  });
});

describe('GPTQ', () => {
  const gram = gramOf(16);

  test.each([false, true])('makes less of an error at the outputs than the nearest codes (ordered %s)', (ordered) => {
    const after = valuesOf(roundWithHessian(weight, settings(4), gram, { damping: 0.01, ordered }));
    const nearest = valuesOf(roundToNearest(weight, settings(4)));
    expect(outputError(weight.values, after, 16, gram)).toBeLessThan(0.5 * outputError(weight.values, nearest, 16, gram));
  });

  test('of inputs that do not depend on each other takes the nearest codes', () => {
    const independent = Float64Array.from({ length: 256 }, (_, at) => (at % 17 === 0 ? 1 + at : 0));
    const packed = roundWithHessian(weight, settings(4), independent, { damping: 0.01, ordered: false });
    expect(valuesOf(packed)).toEqual(valuesOf(roundToNearest(weight, settings(4))));
  });

  test('an input that was never anything does no harm', () => {
    const unused = gram.map((value, at) => (at % 16 === 3 || Math.floor(at / 16) === 3 ? 0 : value));
    const after = valuesOf(roundWithHessian(weight, settings(4), unused, { damping: 0.01, ordered: true }));
    expect(after.every(Number.isFinite)).toBe(true);
  });
});

test('codebooks: more bits leave less over, and the vectors of few are found', () => {
  const many = { outputs: 32, inputs: 64, values: numbers(2048, 3) };
  const errors = [1, 2, 4].map((bits) => {
    const out = new Float32Array(2048);
    sumVectors(fitCodebooks(many, bits), out);
    return many.values.reduce((sum, value, at) => sum + (value - (out[at] ?? NaN)) ** 2, 0);
  });
  expect(errors[1]).toBeLessThan(0.5 * (errors[0] ?? NaN));
  expect(errors[2]).toBeLessThan(0.5 * (errors[1] ?? NaN));
  const few = { outputs: 4, inputs: 16, values: Float32Array.from({ length: 64 }, (_, at) => (at % 16 < 8 ? 1 : -1)) };
  const out = new Float32Array(64);
  sumVectors(fitCodebooks(few, 1), out);
  expect(out).toEqual(few.values);
});
