import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { deriveSeed, WasmHeap, noiseKey, permutation, standardNormal, uniforms, type NoiseKey } from '../../../engine/index.js';
import { farthest } from '../../support/engine-numbers.js';

/** The kernel computes in float32, normals up to 5.8 with a series for the logarithm: a few units in the last place of 4. */
const KERNEL = 1e-5;
/** Elements the kernel makes at a time. */
const CHUNK = 1024;
const SENTINEL = 77;

const heap = new WasmHeap();
const buffer = heap.allocate(2 ** 13);

function kernelNormals({ k0, k1 }: NoiseKey, first: number, count: number): Float32Array {
  heap.kernels.normal(buffer, count, first, k0, k1);
  return heap.floats(buffer, count).slice();
}

function definedNormals(key: NoiseKey, first: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => standardNormal(key, first + index));
}

const keys: readonly NoiseKey[] = [
  { k0: 0, k1: 0 },
  { k0: -1, k1: 1 },
  { k0: 0x7fffffff, k1: -0x80000000 },
  noiseKey(7, 'model.layers.0.weight'),
];

describe('standardNormal', () => {
  // Worked out from the definition in Python, with unbounded integers: a change here changes every run's numbers.
  test.each([
    [{ k0: 0, k1: 0 }, [2.2288142304466048, -0.06554387090528405, -0.24731796872239492, 0.1576179265329803, 1.115536632915967]],
    [{ k0: 1, k1: 2 }, [0.29966742912466887, -0.8877158647904435, 0.4899387497119934, -0.48303215973687874, -0.43654011963004735]],
    [
      { k0: 0xdeadbeef | 0, k1: 0x12345678 },
      [-0.3210586699933985, -0.3398917986280602, -0.9242151424905266, -0.16664322821571523, -1.0995222805998262],
    ],
  ])('of key %j is what it has always been', (key, expected) => {
    const elements = [0, 3, 4, 7, 8];
    // Math.log, sin and cos may differ by a unit in the last place between platforms.
    expect(
      farthest(
        elements.map((element) => standardNormal(key, element)),
        expected,
      ),
    ).toBeLessThan(1e-14);
  });
});

describe('the kernel normal', () => {
  test.each(keys)('equals the definition for key %j, from any first element, for 1 to 40 elements', (key) => {
    for (let first = 0; first <= 17; first++) {
      for (let count = 1; count <= 40; count++) {
        expect(farthest(kernelNormals(key, first, count), definedNormals(key, first, count))).toBeLessThan(KERNEL);
      }
    }
  });

  test.each(keys.slice(2))('equals the definition for key %j across chunk borders and far out', (key) => {
    for (const first of [0, 5, CHUNK - 5, CHUNK, 2 ** 30 - 7, 2 ** 31 - 3]) {
      for (const count of [CHUNK - 1, CHUNK + 1, 2 * CHUNK + 1]) {
        expect(farthest(kernelNormals(key, first, count), definedNormals(key, first, count))).toBeLessThan(KERNEL);
      }
    }
  });

  test('gives any part of a parameter the noise of the whole, bit for bit', () => {
    const key = noiseKey(3, 'weight');
    const whole = kernelNormals(key, 0, 4 * CHUNK);
    const part = fc.tuple(fc.nat(2 * CHUNK), fc.integer({ min: 1, max: 2 * CHUNK }));
    fc.assert(
      fc.property(part, ([first, count]) => {
        expect(farthest(kernelNormals(key, first, count), whole.subarray(first, first + count))).toBe(0);
      }),
    );
  });

  test('writes nothing before or after what it is asked for', () => {
    const around = heap.floats(buffer, 64);
    for (let count = 1; count <= 20; count++) {
      around.fill(SENTINEL);
      heap.kernels.normal(buffer + 4 * 3, count, 5, 1, 2);
      const untouched = [...around.subarray(0, 3), ...around.subarray(3 + count)];
      expect(untouched.every((value) => value === SENTINEL)).toBe(true);
      expect(around.subarray(3, 3 + count)).not.toContain(SENTINEL);
    }
  });
});

describe('seeds', () => {
  test('derived along different paths do not collide, and are seeds again', () => {
    const paths: number[][] = [[]];
    for (let step = 0; step < 1000; step++) {
      paths.push([step]);
      for (let query = 0; query < 8; query++) paths.push([step, query], [0, step, query + 1]);
    }
    const seeds = [1, 2].flatMap((seed) => paths.map((path) => deriveSeed(seed, ...path)));
    expect(new Set(seeds).size).toBe(seeds.length);
    expect(seeds.every((seed) => Number.isSafeInteger(seed) && seed >= 0)).toBe(true);
    expect(seeds.some((seed) => seed > 2 ** 52)).toBe(true);
  });

  test('differ in their keys when only their high or only their low words differ', () => {
    const seeds = [0, 1, 2 ** 32, 2 ** 32 + 1, 2 ** 53 - 1, 2 ** 52 - 1];
    const both = seeds.flatMap((seed) => ['a', 'b', 'aa', ''].map((name) => noiseKey(seed, name)));
    expect(new Set(both.map(({ k0 }) => k0)).size).toBe(both.length);
    expect(new Set(both.map(({ k1 }) => k1)).size).toBe(both.length);
  });

  test.each([-1, 0.5, NaN, Infinity, 2 ** 53])('%p is refused in one line', (seed) => {
    const message = `seed ${seed} is not an integer from 0 to 2^53 - 1`;
    expect(() => noiseKey(seed, 'weight')).toThrow(message);
    expect(() => deriveSeed(seed, 1)).toThrow(message);
    expect(() => permutation(2, seed)).toThrow(message);
  });
});

describe('permutation', () => {
  test('has every number once', () => {
    fc.assert(
      fc.property(fc.nat(200), fc.maxSafeNat(), (count, seed) => {
        const order = permutation(count, seed);
        expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, index) => index));
      }),
    );
  });

  test('is the same for the same seed and another for another', () => {
    const orders = Array.from({ length: 200 }, (_, seed) => permutation(20, seed).join(' '));
    expect(new Set(orders).size).toBe(orders.length);
    expect(permutation(20, 5).join(' ')).toBe(orders[5]);
  });

  test('puts every number at every place equally often', () => {
    const [size, draws] = [6, 6000];
    const counts = new Float64Array(size * size);
    for (let seed = 0; seed < draws; seed++) {
      permutation(size, seed).forEach((number, place) => (counts[place * size + number] = (counts[place * size + number] ?? 0) + 1));
    }
    const expected = draws / size;
    // Five standard deviations of a binomial count.
    expect(farthest(counts, new Float64Array(size * size).fill(expected))).toBeLessThan(5 * Math.sqrt(expected * (1 - 1 / size)));
  });
});

describe('uniforms', () => {
  test('lie in [0, 1) and fill it evenly', () => {
    const uniform = uniforms(11);
    const draws = 50_000;
    const bins = new Float64Array(20);
    for (let draw = 0; draw < draws; draw++) {
      const bin = Math.floor(uniform() * bins.length);
      bins[bin] = (bins[bin] ?? NaN) + 1;
    }
    const expected = draws / bins.length;
    expect(bins.reduce((a, b) => a + b)).toBe(draws);
    expect(farthest(bins, new Float64Array(bins.length).fill(expected))).toBeLessThan(5 * Math.sqrt(expected));
  });
});
