import { describe, expect, test } from '@jest/globals';
import { WasmHeap, uniformWord } from '../../../engine/index.js';
import { arbitrary, dot, farthest } from '../../support/engine-numbers.js';

/** One rounding of a product and one of a sum, of numbers below 8. */
const MULTIPLY_ADD = 8 * 2 ** -23;
/** 1 - beta2 in float32 is wrong by 2^-25 / (1 - beta2), 3e-5 of it at 0.999, and Adam's step by half of that. */
const ADAM_STEP = 2e-5;
/** Lengths with every remainder by 4 and by 8, and around the 1024 elements that noise is made of at a time. */
const COUNTS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 31, 1023, 1024, 1025, 1031] as const;
const KEY = [123, -456] as const;
const NOISE_KEY = { k0: KEY[0], k1: KEY[1] };
const FIRST = 3;
const SCALE = 0.125;
const SENTINEL = 77;
const LENGTH = 1100;
/** Arrays start here in their room, so that they lie across the vectors' borders. */
const OFFSET = 1;

const heap = new WasmHeap();
const { kernels } = heap;
const large = heap.allocate(2 ** 16);
const buffers = Array.from({ length: 4 }, () => heap.allocate(LENGTH) + 4 * OFFSET) as [number, number, number, number];

function fill(pointer: number, values: readonly number[]): number[] {
  const view = heap.floats(pointer, values.length);
  view.set(values);
  return [...view];
}

/** What lies at the pointer; throws where something beyond `count` elements was written since {@link clear}. */
function read(pointer: number, count: number): number[] {
  const around = heap.floats(pointer - 4 * OFFSET, LENGTH);
  const beyond = [...around.subarray(0, OFFSET), ...around.subarray(OFFSET + count)];
  if (beyond.some((value) => value !== SENTINEL)) throw new Error('written out of bounds');
  return [...heap.floats(pointer, count)];
}

function clear(): void {
  for (const pointer of buffers) heap.floats(pointer - 4 * OFFSET, LENGTH).fill(SENTINEL);
}

function noise(count: number): number[] {
  const [out] = buffers;
  kernels.normal(out, count, FIRST, ...KEY);
  return [...heap.floats(out, count)];
}

describe.each(COUNTS)('on %i elements', (count) => {
  test('perturb writes theta + scale z and theta - scale z, and leaves theta', () => {
    const z = noise(count);
    clear();
    const [at, plus, minus] = buffers;
    const theta = fill(at, arbitrary(count, 1));
    kernels.perturb(at, plus, minus, count, FIRST, SCALE, ...KEY);
    const expected = (sign: number): number[] => theta.map((value, i) => value + sign * SCALE * (z[i] ?? NaN));
    expect(farthest(read(plus, count), expected(1))).toBeLessThan(MULTIPLY_ADD);
    expect(farthest(read(minus, count), expected(-1))).toBeLessThan(MULTIPLY_ADD);
    expect(read(at, count)).toEqual(theta);
  });

  test('addNoise gives bit for bit what perturb gives, also in place', () => {
    clear();
    const [at, plus, minus, out] = buffers;
    fill(at, arbitrary(count, 1));
    kernels.perturb(at, plus, minus, count, FIRST, SCALE, ...KEY);
    kernels.addNoise(at, out, count, FIRST, SCALE, ...KEY);
    expect(read(out, count)).toEqual(read(plus, count));
    kernels.addNoise(at, at, count, FIRST, -SCALE, ...KEY);
    expect(read(at, count)).toEqual(read(minus, count));
  });

  test('mirror writes to both sides, bit for bit, what addScaled writes to one', () => {
    clear();
    const [first, second, plus, minus] = buffers;
    const y = fill(first, arbitrary(count, 2));
    fill(second, arbitrary(count, 3));
    kernels.mirror(first, second, plus, minus, count, 0.3);
    const sides = [read(plus, count), read(minus, count)];
    kernels.addScaled(first, second, plus, count, 0.3);
    kernels.addScaled(first, second, minus, count, -0.3);
    expect(sides).toEqual([read(plus, count), read(minus, count)]);
    expect(read(first, count)).toEqual(y);
  });

  test('addScaled writes y + scale x, also in place', () => {
    clear();
    const [first, second, out] = buffers;
    const y = fill(first, arbitrary(count, 2));
    const x = fill(second, arbitrary(count, 3));
    const expected = y.map((value, i) => value - 0.3 * (x[i] ?? NaN));
    kernels.addScaled(first, second, out, count, -0.3);
    expect(farthest(read(out, count), expected)).toBeLessThan(MULTIPLY_ADD);
    kernels.addScaled(first, second, first, count, -0.3);
    expect(read(first, count)).toEqual(read(out, count));
    expect(read(second, count)).toEqual(x);
  });

  test('noiseSquares is the sum of the squares of the noise', () => {
    const [out] = buffers;
    kernels.normal(out, count, 0, ...KEY);
    const expected = heap.floats(out, count).reduce((sum, z) => sum + z * z, 0);
    expect(Math.abs(kernels.noiseSquares(count, ...KEY) - expected)).toBeLessThan(1e-5 * expected);
  });

  // An epsilon as large as the gradients shows on which side of the square root it stands.
  test.each([1e-8, 0.1])('blend, blendSquare and adamStep with epsilon %p make Adam: five steps are those in float64', (epsilon) => {
    clear();
    const [beta1, beta2, learningRate] = [0.9, 0.999, 0.01];
    const theta = fill(buffers[0], arbitrary(count, 4));
    const m = fill(buffers[2], new Array<number>(count).fill(0));
    const v = fill(buffers[3], new Array<number>(count).fill(0));
    for (let t = 1; t <= 5; t++) {
      const g = fill(buffers[1], arbitrary(count, 10 + t));
      const correction2 = 1 - beta2 ** t;
      const [at, gradients, means, squares] = buffers;
      kernels.blend(means, means, gradients, count, beta1, 1 - beta1);
      kernels.blendSquare(squares, squares, gradients, count, beta2, 1 - beta2);
      kernels.adamStep(at, means, squares, count, learningRate / (1 - beta1 ** t), correction2, epsilon);
      g.forEach((gradient, i) => {
        const mean = (m[i] = beta1 * (m[i] ?? NaN) + (1 - beta1) * gradient);
        const square = (v[i] = beta2 * (v[i] ?? NaN) + (1 - beta2) * gradient ** 2);
        theta[i] = (theta[i] ?? NaN) - (learningRate * (mean / (1 - beta1 ** t))) / (Math.sqrt(square / correction2) + epsilon);
      });
      expect(farthest(read(buffers[0], count), theta)).toBeLessThan(t * (learningRate * ADAM_STEP + MULTIPLY_ADD / 2));
    }
    expect(farthest(read(buffers[2], count), m)).toBeLessThan(MULTIPLY_ADD);
    expect(farthest(read(buffers[3], count), v)).toBeLessThan(MULTIPLY_ADD);
  });

  test('rademacher is 1 where the random word is below 2^31, else -1', () => {
    clear();
    const [out] = buffers;
    kernels.rademacher(out, count, FIRST, ...KEY);
    expect(read(out, count)).toEqual(words(count).map((word) => (word < 2 ** 31 ? 1 : -1)));
  });

  test.each([0, 1, 2 ** 30, 2 ** 31, 3 * 2 ** 30, 2 ** 32 - 1])(
    'keepRandom keeps the elements whose random word is below %d',
    (threshold) => {
      clear();
      const [at] = buffers;
      const z = fill(at, arbitrary(count, 5));
      kernels.keepRandom(at, count, FIRST, threshold, ...KEY);
      expect(read(at, count)).toEqual(words(count).map((word, i) => (word < threshold ? z[i] : 0)));
    },
  );

  test('keepSmall keeps z where |theta| is at most the threshold, and nothing where theta is no number', () => {
    clear();
    const [at, weights] = buffers;
    const z = fill(at, arbitrary(count, 6));
    const theta = fill(
      weights,
      arbitrary(count, 7).map((value, i) => [value, 0.5, -0.5, NaN][i % 4] ?? NaN),
    );
    kernels.keepSmall(at, weights, count, 0.5);
    expect(read(at, count)).toEqual(z.map((value, i) => (Math.abs(theta[i] ?? NaN) <= 0.5 ? value : 0)));
  });

  test('keepMarked keeps the elements whose bits are set', () => {
    clear();
    const [at, marks] = buffers;
    const z = fill(at, arbitrary(count, 8));
    const marked = words(FIRST + count).map((word) => word % 2 === 1);
    const bits = new Uint8Array(4 * Math.ceil(marked.length / 32));
    marked.forEach((set, i) => (bits[i >> 3] = (bits[i >> 3] ?? 0) | (Number(set) << (i & 7))));
    new Uint8Array(heap.floats(marks, 1).buffer, marks, bits.length).set(bits);
    kernels.keepMarked(at, count, FIRST, marks);
    expect(read(at, count)).toEqual(z.map((value, i) => (marked[FIRST + i] === true ? value : 0)));
  });

  test.each([
    [1, 1],
    [7, 3],
    [45, 2],
    [2000, 5],
  ])('lowRank writes elements of a product with %i columns of rank %i', (columns, rank) => {
    clear();
    const [out, left, right] = buffers;
    const rows = Math.ceil((FIRST + count) / columns);
    const v = fill(rank * columns > LENGTH ? large : right, arbitrary(rank * columns, 9));
    const u = fill(rows * rank > LENGTH ? large : left, arbitrary(rows * rank, 10));
    const expected = Array.from({ length: count }, (_, i) => {
      const [row, column] = [Math.floor((FIRST + i) / columns), (FIRST + i) % columns];
      return dot(u.slice(row * rank, (row + 1) * rank), everyNth(v, columns, column));
    });
    kernels.lowRank(out, count, FIRST, columns, rank, rows * rank > LENGTH ? large : left, rank * columns > LENGTH ? large : right);
    expect(farthest(read(out, count), expected)).toBeLessThan(rank * MULTIPLY_ADD);
  });

  test.each([1, 5])('transpose writes the columns of %i rows as rows', (rows) => {
    clear();
    const [at, out] = buffers;
    const columns = Math.ceil(count / rows);
    const x = fill(at, arbitrary(rows * columns, 15));
    kernels.transpose(out, at, rows, columns);
    expect(read(out, rows * columns)).toEqual(Array.from({ length: columns }, (_, column) => everyNth(x, columns, column)).flat());
    expect(read(at, rows * columns)).toEqual(x);
  });

  // One correctly rounded operation after another: bit for bit what float64 gives, rounded.
  test('multiply and overRoot work element by element, also in place', () => {
    clear();
    const [first, second, out] = buffers;
    const x = fill(first, arbitrary(count, 11));
    const y = fill(second, arbitrary(count, 12).map(Math.abs));
    kernels.multiply(out, first, second, count);
    expect(read(out, count)).toEqual(x.map((value, i) => Math.fround(value * (y[i] ?? NaN))));
    kernels.multiply(second, first, second, count);
    expect(read(second, count)).toEqual(read(out, count));
    fill(second, y);
    const roots = y.map((value) => Math.fround(Math.sqrt(value)));
    kernels.overRoot(out, first, second, count);
    expect(read(out, count)).toEqual(x.map((value, i) => Math.fround(value / (roots[i] ?? NaN))));
    kernels.overRoot(first, first, second, count);
    expect(read(first, count)).toEqual(read(out, count));
    expect(read(second, count)).toEqual(y);
  });

  test('sign is -1, 0 or 1, also in place', () => {
    clear();
    const [at, out] = buffers;
    const x = fill(
      at,
      arbitrary(count, 13).map((value, i) => (i % 5 === 4 ? 0 : value)),
    );
    kernels.sign(out, at, count);
    expect(read(out, count)).toEqual(x.map((value) => (value === 0 ? 0 : Math.sign(value))));
    expect(read(at, count)).toEqual(x);
    kernels.sign(at, at, count);
    expect(read(at, count)).toEqual(read(out, count));
  });

  test('dot sums in double precision, and no element beyond', () => {
    clear();
    const [first, second] = buffers;
    // The large terms cancel: in single precision nothing would be right of what is left.
    const x = fill(
      first,
      arbitrary(count, 14).map((value, i) => (i === 0 || i === count - 1 ? 1e5 : value)),
    );
    const y = fill(
      second,
      arbitrary(count, 15).map((value, i) => (i === 0 ? 1e5 : i === count - 1 ? -1e5 : value)),
    );
    expect(Math.abs(kernels.dot(first, second, count) - dot(x, y))).toBeLessThan(1e-4);
    expect(kernels.dot(first, first, count)).toBeGreaterThan(0);
  });

  test('copy and fill', () => {
    clear();
    const [at, out] = buffers;
    const x = fill(at, arbitrary(count, 16));
    kernels.copy(out, at, count);
    expect(read(out, count)).toEqual(x);
    kernels.fill(out, count, -2.5);
    expect(read(out, count)).toEqual(new Array<number>(count).fill(-2.5));
    expect(read(at, count)).toEqual(x);
  });

  // Multiples of 1/8 below 128 have patterns that are easy to write down: all bits of these formats' fractions that count are theirs.
  test.each([
    ['widenFloat16', 15, 10],
    ['widenBfloat16', 127, 7],
  ] as const)('%s takes its numbers from anywhere, also from the second half of where they go', (name, bias, fractionBits) => {
    const values = Array.from({ length: count }, (_, i) => ((i % 2 === 0 ? 1 : -1) * ((i * 37) % 128 || 1)) / 8);
    const patterns = values.map((value) => {
      const exponent = Math.floor(Math.log2(Math.abs(value)));
      const fraction = (Math.abs(value) / 2 ** exponent - 1) * 2 ** fractionBits;
      return (value < 0 ? 0x8000 : 0) + ((exponent + bias) << fractionBits) + fraction;
    });
    const write = (pointer: number): void => new Uint16Array(heap.floats(0, 0).buffer, pointer, count).set(patterns);
    clear();
    const [at, out] = buffers;
    write(at);
    kernels[name](out, at, count);
    expect(read(out, count)).toEqual(values);
    write(at + 2 * count);
    kernels[name](at, at + 2 * count, count);
    expect([...heap.floats(at, count)]).toEqual(values);
    expect(read(out, count)).toEqual(values);
  });
});

test.each([0.1, 0.5, 0.9])('keepRandom keeps a share of %d', (share) => {
  const count = 2 ** 16;
  kernels.fill(large, count, 1);
  kernels.keepRandom(large, count, 0, Math.round(share * 2 ** 32), ...KEY);
  const kept = heap.floats(large, count).reduce((sum, value) => sum + value, 0) / count;
  // Four standard errors of a mean of so many coins.
  expect(Math.abs(kept - share)).toBeLessThan(4 * Math.sqrt((share * (1 - share)) / count));
});

/** The random words of elements FIRST and on. */
function words(count: number): number[] {
  return Array.from({ length: count }, (_, i) => uniformWord(NOISE_KEY, FIRST + i));
}

const everyNth = (values: readonly number[], n: number, from: number): number[] => values.filter((_, i) => i % n === from);
