// Standard normal noise as a pure function of (key, element); ../noise.ts holds the definition in plain TypeScript.
// Eight elements share four 32-bit counters: counter 4b + j yields elements 8b + j (cosine branch) and 8b + 4 + j (sine branch).
// Three short passes over a chunk in the first-level cache: one long pass has a dependency chain of 180 cycles and runs half as fast.

// V8 rebuilds a v128 constant from scalars wherever it is used (about five instructions each); a load from memory is one.
// So every constant lives in a table, filled when the module starts.
const TABLE: usize = memory.data(22 * 16, 16);

// @ts-ignore: decorator
@inline
function constant(slot: usize): v128 {
  return v128.load(TABLE + (slot << 4));
}

function define(slot: usize, value: v128): void {
  v128.store(TABLE + (slot << 4), value);
}

define(0, i32x4(0, 1, 2, 3));
define(1, i32x4.splat(1));
define(2, f32x4.splat(1));
define(3, f32x4.splat(<f32>(1.0 / 16777216.0))); // 2^-24
define(4, i32x4.splat(0x3f3504f3)); // the bits of sqrt(1/2)
define(5, f32x4.splat(<f32>(-4.0 / 9.0))); // -2 ln m = s (-4 - 4/3 s^2 - 4/5 s^4 - ...), s = (m - 1) / (m + 1)
define(6, f32x4.splat(<f32>(-4.0 / 7.0)));
define(7, f32x4.splat(<f32>(-4.0 / 5.0)));
define(8, f32x4.splat(<f32>(-4.0 / 3.0)));
define(9, f32x4.splat(-4));
define(10, f32x4.splat(<f32>-1.3862943611198906)); // -2 ln 2
define(11, f32x4.splat(<f32>(1.0 / 2147483648.0))); // 2^-31
define(12, f32x4.splat(<f32>-0.00003657620418)); // sin(t pi/4) = t (c15 + c14 t^2 + c13 t^4 + c12 t^6), Taylor
define(13, f32x4.splat(<f32>0.00249039457019));
define(14, f32x4.splat(<f32>-0.08074551218828));
define(15, f32x4.splat(<f32>0.78539816339745));
define(16, f32x4.splat(<f32>0.00000359086045)); // cos(t pi/4) = 1 + c19 t^2 + c18 t^4 + c17 t^6 + c16 t^8, Taylor
define(17, f32x4.splat(<f32>-0.00032599188693));
define(18, f32x4.splat(<f32>0.01585434424381));
define(19, f32x4.splat(<f32>-0.30842513753404));
define(20, i32x4.splat(0x80000000));
define(21, i32x4.splat(4));

// Round constants, equal to those of ../noise.ts.
const ROUND_1: i32 = 0x2545f491;
const ROUND_2: i32 = 0x5851f42d;
const ROUND_3: i32 = 0x6c078965;
const ROUND_4: i32 = 0x61c88647;

/** Elements made at a time. */
export const CHUNK: u32 = 1024;
// A chunk that starts inside a block of eight needs one block more, and the passes go by sixteen elements.
// All passes work in place: a block of eight is four words, radii or normals, then the four of the angle.
const SCRATCH: usize = memory.data((1024 + 32) * 4, 16);
/** Bytes of a block of eight elements. */
const BLOCK: usize = 32;

/** x (2x + 1), a permutation of the 32-bit integers whose high bits depend on every bit of x. */
// @ts-ignore: decorator
@inline
function quadratic(x: v128): v128 {
  return i32x4.mul(x, v128.or(i32x4.add(x, x), constant(1)));
}

// @ts-ignore: decorator
@inline
function rotate16(x: v128): v128 {
  return v128.or(i32x4.shl(x, 16), i32x4.shr_u(x, 16));
}

/** a b + c */
// @ts-ignore: decorator
@inline
function multiplyAdd(a: v128, b: v128, c: v128): v128 {
  return f32x4.add(f32x4.mul(a, b), c);
}

/** First pass: two random words per counter. Two counters' chains are interleaved, for the processor cannot look far enough ahead. */
function words(bytes: usize, counter: u32, k0: i32, k1: i32): void {
  const round1 = i32x4.splat(k1 + ROUND_1);
  const round2 = i32x4.splat(k1 + ROUND_2);
  const round3 = i32x4.splat(k1 + ROUND_3);
  const round4 = i32x4.splat(k1 + ROUND_4);
  let counters = i32x4.add(i32x4.splat(counter + k0), constant(0));
  for (let at: usize = SCRATCH; at < SCRATCH + bytes; at += 2 * BLOCK) {
    let x = i32x4.add(rotate16(quadratic(counters)), round1);
    counters = i32x4.add(counters, constant(21));
    let y = i32x4.add(rotate16(quadratic(counters)), round1);
    counters = i32x4.add(counters, constant(21));
    x = i32x4.add(rotate16(quadratic(x)), round2);
    y = i32x4.add(rotate16(quadratic(y)), round2);
    x = i32x4.add(rotate16(quadratic(x)), round3);
    y = i32x4.add(rotate16(quadratic(y)), round3);
    x = quadratic(x);
    y = quadratic(y);
    v128.store(at, x);
    v128.store(at, quadratic(i32x4.add(rotate16(x), round4)), 16);
    v128.store(at, y, 32);
    v128.store(at, quadratic(i32x4.add(rotate16(y), round4)), 48);
  }
}

/** Second pass: radius = sqrt(-2 ln u), u = (word / 2^8 + 1) / 2^24 in (0, 1], u = 2^exponent m with m in [sqrt(1/2), sqrt 2). */
function radii(bytes: usize): void {
  for (let at: usize = SCRATCH; at < SCRATCH + bytes; at += BLOCK) {
    const integer = f32x4.convert_i32x4_s(i32x4.shr_u(v128.load(at), 8));
    const u = f32x4.mul(f32x4.add(integer, constant(2)), constant(3));
    const exponent = i32x4.shr_s(i32x4.sub(u, constant(4)), 23);
    const m = i32x4.sub(u, i32x4.shl(exponent, 23));
    const s = f32x4.div(f32x4.sub(m, constant(2)), f32x4.add(m, constant(2)));
    const s2 = f32x4.mul(s, s);
    let series = multiplyAdd(s2, constant(5), constant(6));
    series = multiplyAdd(s2, series, constant(7));
    series = multiplyAdd(s2, series, constant(8));
    series = multiplyAdd(s2, series, constant(9));
    const minus2LogU = multiplyAdd(f32x4.convert_i32x4_s(exponent), constant(10), f32x4.mul(s, series));
    v128.store(at, f32x4.sqrt(minus2LogU));
  }
}

/** Third pass: one swap bit, two sign bits, and t in [-1, 1) for an angle of t pi/4. */
function angles(bytes: usize): void {
  for (let at: usize = SCRATCH; at < SCRATCH + bytes; at += BLOCK) {
    const radius = v128.load(at);
    const word = v128.load(at, 16);
    const t = f32x4.mul(f32x4.convert_i32x4_s(i32x4.shl(word, 3)), constant(11));
    const t2 = f32x4.mul(t, t);
    let sin = multiplyAdd(t2, constant(12), constant(13));
    sin = multiplyAdd(t2, sin, constant(14));
    sin = multiplyAdd(t2, sin, constant(15));
    sin = f32x4.mul(f32x4.mul(t, sin), radius);
    let cos = multiplyAdd(t2, constant(16), constant(17));
    cos = multiplyAdd(t2, cos, constant(18));
    cos = multiplyAdd(t2, cos, constant(19));
    cos = multiplyAdd(t2, cos, constant(2));
    cos = f32x4.mul(cos, radius);
    const swap = i32x4.shr_s(word, 31);
    v128.store(at, v128.xor(v128.bitselect(sin, cos, swap), v128.and(i32x4.add(word, word), constant(20))));
    v128.store(at, v128.xor(v128.bitselect(cos, sin, swap), v128.and(i32x4.shl(word, 2), constant(20))), 16);
  }
}

/** Makes `count` <= CHUNK normals from element `first` on and returns where the first of them lies (valid until the next call). */
export function normals(first: u32, count: u32, k0: i32, k1: i32): usize {
  const bytes = blocks(first, count);
  words(bytes, (first >> 3) << 2, k0, k1);
  radii(bytes);
  angles(bytes);
  return place(first);
}

/** Makes `count` <= CHUNK random 32-bit words from element `first` on and returns where the first of them lies (valid until the next call). */
export function bits(first: u32, count: u32, k0: i32, k1: i32): usize {
  words(blocks(first, count), (first >> 3) << 2, k0, k1);
  return place(first);
}

/** Bytes of the blocks that hold the elements, by twos. */
function blocks(first: u32, count: u32): usize {
  return <usize>((((first & 7) + count + 15) >> 4) << 4) << 2;
}

/** Where element `first` lies, its block being the first of the scratch. */
function place(first: u32): usize {
  return SCRATCH + (<usize>(first & 7) << 2);
}

/** The sum of the squares of normals 0 to `count` - 1, a multiple of 8: the two of a pair are r cos a and r sin a, so no angle is needed. */
export function sumOfSquares(count: u32, k0: i32, k1: i32): f64 {
  let sum = f64x2.splat(0);
  for (let done: u32 = 0; done < count; done += CHUNK) {
    const n = min(CHUNK, count - done);
    const bytes = blocks(0, n);
    words(bytes, done >> 1, k0, k1);
    radii(bytes);
    for (let at: usize = SCRATCH; at < SCRATCH + (<usize>n << 2); at += BLOCK) {
      const square = f32x4.mul(v128.load(at), v128.load(at));
      sum = f64x2.add(sum, f64x2.promote_low_f32x4(square));
      sum = f64x2.add(sum, f64x2.promote_low_f32x4(i8x16.shuffle(square, square, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7)));
    }
  }
  return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
}
