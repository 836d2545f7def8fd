// The arithmetic of the optimizers' update rules, four elements at a time. `out` may be any of the inputs.

/** out = a x + b y */
export function blend(out: usize, x: usize, y: usize, count: u32, a: f32, b: f32): void {
  const as = f32x4.splat(a);
  const bs = f32x4.splat(b);
  const whole = (<usize>(count & ~3)) << 2;
  for (let at: usize = 0; at < whole; at += 16) {
    v128.store(out + at, f32x4.add(f32x4.mul(v128.load(x + at), as), f32x4.mul(v128.load(y + at), bs)));
  }
  for (let at = whole, end = (<usize>count) << 2; at < end; at += 4) {
    store<f32>(out + at, load<f32>(x + at) * a + load<f32>(y + at) * b);
  }
}

/** out = a x + b y^2 */
export function blendSquare(out: usize, x: usize, y: usize, count: u32, a: f32, b: f32): void {
  const as = f32x4.splat(a);
  const bs = f32x4.splat(b);
  const whole = (<usize>(count & ~3)) << 2;
  for (let at: usize = 0; at < whole; at += 16) {
    const value = v128.load(y + at);
    v128.store(out + at, f32x4.add(f32x4.mul(v128.load(x + at), as), f32x4.mul(f32x4.mul(value, value), bs)));
  }
  for (let at = whole, end = (<usize>count) << 2; at < end; at += 4) {
    const value = load<f32>(y + at);
    store<f32>(out + at, load<f32>(x + at) * a + value * value * b);
  }
}

/** out = x y */
export function multiply(out: usize, x: usize, y: usize, count: u32): void {
  const whole = (<usize>(count & ~3)) << 2;
  for (let at: usize = 0; at < whole; at += 16) v128.store(out + at, f32x4.mul(v128.load(x + at), v128.load(y + at)));
  for (let at = whole, end = (<usize>count) << 2; at < end; at += 4) store<f32>(out + at, load<f32>(x + at) * load<f32>(y + at));
}

/** out = a x + b */
export function affine(out: usize, x: usize, count: u32, a: f32, b: f32): void {
  const as = f32x4.splat(a);
  const bs = f32x4.splat(b);
  const whole = (<usize>(count & ~3)) << 2;
  for (let at: usize = 0; at < whole; at += 16) v128.store(out + at, f32x4.add(f32x4.mul(v128.load(x + at), as), bs));
  for (let at = whole, end = (<usize>count) << 2; at < end; at += 4) store<f32>(out + at, load<f32>(x + at) * a + b);
}

/** out = x / y */
export function divide(out: usize, x: usize, y: usize, count: u32): void {
  const whole = (<usize>(count & ~3)) << 2;
  for (let at: usize = 0; at < whole; at += 16) v128.store(out + at, f32x4.div(v128.load(x + at), v128.load(y + at)));
  for (let at = whole, end = (<usize>count) << 2; at < end; at += 4) store<f32>(out + at, load<f32>(x + at) / load<f32>(y + at));
}

/** out = sqrt(x) */
export function squareRoot(out: usize, x: usize, count: u32): void {
  const whole = (<usize>(count & ~3)) << 2;
  for (let at: usize = 0; at < whole; at += 16) v128.store(out + at, f32x4.sqrt(v128.load(x + at)));
  for (let at = whole, end = (<usize>count) << 2; at < end; at += 4) store<f32>(out + at, sqrt<f32>(load<f32>(x + at)));
}

/** out = |x| */
export function absolute(out: usize, x: usize, count: u32): void {
  const whole = (<usize>(count & ~3)) << 2;
  for (let at: usize = 0; at < whole; at += 16) v128.store(out + at, f32x4.abs(v128.load(x + at)));
  for (let at = whole, end = (<usize>count) << 2; at < end; at += 4) store<f32>(out + at, abs<f32>(load<f32>(x + at)));
}

/** out = x / sqrt(y) */
export function overRoot(out: usize, x: usize, y: usize, count: u32): void {
  const whole = (<usize>(count & ~3)) << 2;
  for (let at: usize = 0; at < whole; at += 16) v128.store(out + at, f32x4.div(v128.load(x + at), f32x4.sqrt(v128.load(y + at))));
  for (let at = whole, end = (<usize>count) << 2; at < end; at += 4) store<f32>(out + at, load<f32>(x + at) / sqrt<f32>(load<f32>(y + at)));
}

/** out = the sign of x: -1, 0 or 1 */
export function sign(out: usize, x: usize, count: u32): void {
  for (let at: usize = 0, end = (<usize>count) << 2; at < end; at += 4) {
    const value = load<f32>(x + at);
    store<f32>(out + at, <f32>(i32(value > 0) - i32(value < 0)));
  }
}

/** theta = theta - rate m / (sqrt(v / correction) + epsilon) */
export function adamStep(theta: usize, m: usize, v: usize, count: u32, rate: f32, correction: f32, epsilon: f32): void {
  const whole = (<usize>(count & ~3)) << 2;
  const inverse: f32 = <f32>1 / sqrt<f32>(correction);
  for (let at: usize = 0; at < whole; at += 16) {
    const denominator = f32x4.add(f32x4.mul(f32x4.sqrt(v128.load(v + at)), f32x4.splat(inverse)), f32x4.splat(epsilon));
    const step = f32x4.div(f32x4.mul(v128.load(m + at), f32x4.splat(rate)), denominator);
    v128.store(theta + at, f32x4.sub(v128.load(theta + at), step));
  }
  for (let at = whole, end = (<usize>count) << 2; at < end; at += 4) {
    const denominator = sqrt<f32>(load<f32>(v + at)) * inverse + epsilon;
    store<f32>(theta + at, load<f32>(theta + at) - (rate * load<f32>(m + at)) / denominator);
  }
}

/** The sum of x y, in double precision; four sums side by side in two pairs, for each addition waits for the one before. */
export function dot(x: usize, y: usize, count: u32): f64 {
  let low = f64x2.splat(0);
  let high = f64x2.splat(0);
  const whole = (<usize>(count & ~3)) << 2;
  for (let at: usize = 0; at < whole; at += 16) {
    low = f64x2.add(low, f64x2.mul(promoted(x + at), promoted(y + at)));
    high = f64x2.add(high, f64x2.mul(promoted(x + at + 8), promoted(y + at + 8)));
  }
  const both = f64x2.add(low, high);
  let sum = f64x2.extract_lane(both, 0) + f64x2.extract_lane(both, 1);
  for (let at = whole, end = (<usize>count) << 2; at < end; at += 4) sum += <f64>load<f32>(x + at) * <f64>load<f32>(y + at);
  return sum;
}

/** Two elements in double precision. */
// @ts-ignore: decorator
@inline
function promoted(x: usize): v128 {
  return f64x2.promote_low_f32x4(v128.load64_zero(x));
}

/** out = x */
export function copy(out: usize, x: usize, count: u32): void {
  memory.copy(out, x, (<usize>count) << 2);
}

/** out = value */
export function fill(out: usize, count: u32, value: f32): void {
  const values = f32x4.splat(value);
  const whole = (<usize>(count & ~3)) << 2;
  for (let at: usize = 0; at < whole; at += 16) v128.store(out + at, values);
  for (let at = whole, end = (<usize>count) << 2; at < end; at += 4) store<f32>(out + at, value);
}
