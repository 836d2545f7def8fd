// The 16-bit formats of checkpoints as float32, eight elements at a time and on bit patterns, so that NaN payloads survive. `from` may be
// the second half of `out`: what is written never reaches what is still to be read.

/** out = the float32 values of `count` float16 patterns (IEEE 754 binary16) */
export function widenFloat16(out: usize, from: usize, count: u32): void {
  const whole = count & ~7;
  for (let i: u32 = 0; i < whole; i += 8) {
    const halves = v128.load(from + ((<usize>i) << 1));
    const at = out + ((<usize>i) << 2);
    v128.store(at, widened(i32x4.extend_low_i16x8_u(halves)));
    v128.store(at, widened(i32x4.extend_high_i16x8_u(halves)), 16);
  }
  for (let i = whole; i < count; i++) {
    const half = i32x4.splat(<i32>load<u16>(from + ((<usize>i) << 1)));
    store<i32>(out + ((<usize>i) << 2), i32x4.extract_lane(widened(half), 0));
  }
}

/** out = the float32 values of `count` bfloat16 patterns, the upper halves of float32 */
export function widenBfloat16(out: usize, from: usize, count: u32): void {
  const whole = count & ~7;
  for (let i: u32 = 0; i < whole; i += 8) {
    const halves = v128.load(from + ((<usize>i) << 1));
    const at = out + ((<usize>i) << 2);
    v128.store(at, i32x4.shl(i32x4.extend_low_i16x8_u(halves), 16));
    v128.store(at, i32x4.shl(i32x4.extend_high_i16x8_u(halves), 16), 16);
  }
  for (let i = whole; i < count; i++) store<u32>(out + ((<usize>i) << 2), <u32>load<u16>(from + ((<usize>i) << 1)) << 16);
}

/** Four float16 patterns, each in 32 bits, as float32 patterns. */
// @ts-ignore: decorator
@inline
function widened(halves: v128): v128 {
  const magnitude = i32x4.shl(v128.and(halves, i32x4.splat(0x7fff)), 13);
  // Read as float32, it is 2^112 too small for the difference of the exponents' biases; the product is exact, also from below the normal range.
  const scaled = f32x4.mul(magnitude, f32x4.splat(5192296858534827628530496329220096.0));
  const special = i32x4.gt_s(magnitude, i32x4.splat(0x0f7fffff)); // infinity and NaN
  const value = v128.bitselect(v128.or(magnitude, i32x4.splat(0x7f800000)), scaled, special);
  return v128.or(value, i32x4.shl(v128.and(halves, i32x4.splat(0x8000)), 16));
}
