// The hot loops over parameters. Pointers are byte offsets into the module's memory, counts are float32 elements.
// `first` is the index of the first element within its parameter, so any part of a parameter sees the noise of the whole.
import { bits, CHUNK, normals, sumOfSquares } from './noise';

export { blend, blendSquare, multiply, affine, divide, squareRoot, absolute, overRoot, sign, adamStep, dot, copy, fill } from './elementwise';
import { dot } from './elementwise';
export { lowRank, transpose } from './product';
export { tally, countAbove, ranked, mark } from './selection';
export { widenBfloat16, widenFloat16 } from './widen';

/** out = z */
export function normal(out: usize, count: u32, first: u32, k0: i32, k1: i32): void {
  for (let done: u32 = 0; done < count; done += CHUNK) {
    const n = min(CHUNK, count - done);
    memory.copy(out + ((<usize>done) << 2), normals(first + done, n, k0, k1), (<usize>n) << 2);
  }
}

/** plus = theta + scale z, minus = theta - scale z, of the noise z */
export function perturb(theta: usize, plus: usize, minus: usize, count: u32, first: u32, scale: f32, k0: i32, k1: i32): void {
  for (let done: u32 = 0; done < count; done += CHUNK) {
    const n = min(CHUNK, count - done);
    const base = (<usize>done) << 2;
    mirror(theta + base, normals(first + done, n, k0, k1), plus + base, minus + base, n, scale);
  }
}

/** plus = y + scale x, minus = y - scale x */
export function mirror(y: usize, x: usize, plus: usize, minus: usize, count: u32, scale: f32): void {
  const scales = f32x4.splat(scale);
  const whole = (<usize>(count & ~3)) << 2;
  for (let at: usize = 0; at < whole; at += 16) {
    const step = f32x4.mul(v128.load(x + at), scales);
    const value = v128.load(y + at);
    v128.store(plus + at, f32x4.add(value, step));
    v128.store(minus + at, f32x4.sub(value, step));
  }
  for (let at = whole, end = (<usize>count) << 2; at < end; at += 4) {
    const step = load<f32>(x + at) * scale;
    const value = load<f32>(y + at);
    store<f32>(plus + at, value + step);
    store<f32>(minus + at, value - step);
  }
}

/** out = theta + scale z; `out` may be `theta`. */
export function addNoise(theta: usize, out: usize, count: u32, first: u32, scale: f32, k0: i32, k1: i32): void {
  for (let done: u32 = 0; done < count; done += CHUNK) {
    const n = min(CHUNK, count - done);
    const base = (<usize>done) << 2;
    addScaled(theta + base, normals(first + done, n, k0, k1), out + base, n, scale);
  }
}

/** out = y + scale x; `out` may be `y`. */
export function addScaled(y: usize, x: usize, out: usize, count: u32, scale: f32): void {
  const scales = f32x4.splat(scale);
  const whole = (<usize>(count & ~3)) << 2;
  for (let at: usize = 0; at < whole; at += 16) {
    v128.store(out + at, f32x4.add(v128.load(y + at), f32x4.mul(v128.load(x + at), scales)));
  }
  for (let at = whole, end = (<usize>count) << 2; at < end; at += 4) {
    store<f32>(out + at, load<f32>(y + at) + scale * load<f32>(x + at));
  }
}

/** The sum of z^2 over elements 0 to `count` - 1, in double precision */
export function noiseSquares(count: u32, k0: i32, k1: i32): f64 {
  const whole = count & ~7;
  const rest = count - whole;
  const z = normals(whole, rest, k0, k1);
  const tail = dot(z, z, rest);
  return tail + sumOfSquares(whole, k0, k1);
}

/** out = 1 where the element's random word is below 2^31, else -1 */
export function rademacher(out: usize, count: u32, first: u32, k0: i32, k1: i32): void {
  for (let done: u32 = 0; done < count; done += CHUNK) {
    const n = min(CHUNK, count - done);
    const words = bits(first + done, n, k0, k1);
    const base = out + ((<usize>done) << 2);
    const whole = (<usize>(n & ~3)) << 2;
    for (let at: usize = 0; at < whole; at += 16) {
      v128.store(base + at, v128.or(v128.and(v128.load(words + at), i32x4.splat(0x80000000)), f32x4.splat(1)));
    }
    for (let at = whole, end = (<usize>n) << 2; at < end; at += 4) {
      store<u32>(base + at, (load<u32>(words + at) & 0x80000000) | 0x3f800000);
    }
  }
}

/** z = 0 where the element's random word is not below `threshold`, both unsigned. */
export function keepRandom(z: usize, count: u32, first: u32, threshold: i32, k0: i32, k1: i32): void {
  const thresholds = i32x4.splat(threshold);
  for (let done: u32 = 0; done < count; done += CHUNK) {
    const n = min(CHUNK, count - done);
    const words = bits(first + done, n, k0, k1);
    const out = z + ((<usize>done) << 2);
    const whole = (<usize>(n & ~3)) << 2;
    // No branches: they would be wrong half of the time.
    for (let at: usize = 0; at < whole; at += 16) {
      v128.store(out + at, v128.and(v128.load(out + at), i32x4.lt_u(v128.load(words + at), thresholds)));
    }
    for (let at = whole, end = (<usize>n) << 2; at < end; at += 4) {
      if (load<u32>(words + at) >= <u32>threshold) store<f32>(out + at, 0);
    }
  }
}

/** z = 0 where |theta| is above `threshold`. */
export function keepSmall(z: usize, theta: usize, count: u32, threshold: f32): void {
  const thresholds = f32x4.splat(threshold);
  const whole = (<usize>(count & ~3)) << 2;
  for (let at: usize = 0; at < whole; at += 16) {
    v128.store(z + at, v128.and(v128.load(z + at), f32x4.le(f32x4.abs(v128.load(theta + at)), thresholds)));
  }
  for (let at = whole, end = (<usize>count) << 2; at < end; at += 4) {
    if (!(abs<f32>(load<f32>(theta + at)) <= threshold)) store<f32>(z + at, 0);
  }
}

/** z = 0 where the element's bit is not set: bit i of the array is bit i & 31 of its word i >> 5. */
export function keepMarked(z: usize, count: u32, first: u32, marks: usize): void {
  let i: u32 = 0;
  for (; i < count && ((first + i) & 3) != 0; i++) keepIfMarked(z, i, first, marks);
  // Four bits of one word at a time, without branches.
  for (; i + 4 <= count; i += 4) {
    const word = load<u32>(marks + ((<usize>((first + i) >> 5)) << 2)) >> ((first + i) & 31);
    const kept = i32x4.ne(v128.and(i32x4.splat(word), i32x4(1, 2, 4, 8)), i32x4.splat(0));
    const at = z + ((<usize>i) << 2);
    v128.store(at, v128.and(v128.load(at), kept));
  }
  for (; i < count; i++) keepIfMarked(z, i, first, marks);
}

// @ts-ignore: decorator
@inline
function keepIfMarked(z: usize, i: u32, first: u32, marks: usize): void {
  const word = load<u32>(marks + ((<usize>((first + i) >> 5)) << 2));
  if (((word >> ((first + i) & 31)) & 1) == 0) store<f32>(z + ((<usize>i) << 2), 0);
}
