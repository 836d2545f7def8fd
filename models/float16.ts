/*
 * From float32 to the 16-bit formats of checkpoints, on bit patterns, so that NaN stays NaN; arrays are of equal length. The way back is
 * in the kernels, since loading a model must not take much longer than reading it.
 */

/** Float32 bit patterns to the nearest float16, ties to even; NaN stays NaN and 65,520 or more becomes infinity. */
export function narrowToFloat16(from: Uint32Array, into: Uint16Array): void {
  for (let i = 0; i < from.length; i++) into[i] = nearestFloat16(from[i] ?? 0);
}

/** Float32 bit patterns to the nearest bfloat16, ties to even; NaN stays NaN. */
export function narrowToBfloat16(from: Uint32Array, into: Uint16Array): void {
  for (let i = 0; i < from.length; i++) into[i] = nearestBfloat16(from[i] ?? 0);
}

/** The nearest number that float16 holds. */
export function roundToFloat16(value: number): number {
  const bits = nearestFloat16(new Uint32Array(Float32Array.of(value).buffer)[0] ?? 0);
  const [sign, exponent, fraction] = [bits >>> 15 ? -1 : 1, (bits >>> 10) & 0x1f, bits & 0x3ff];
  if (exponent === 0x1f) return fraction ? NaN : sign * Infinity;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25));
}

function nearestFloat16(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7c00 | ((magnitude >>> 13) & 0x3ff || 0x200);
  if (magnitude >= 0x477ff000) return sign | 0x7c00; // 65,520: halfway from the largest float16 to the next power of two
  if (magnitude < 0x38800000) return sign | nearestSubnormal(magnitude); // 2^-14
  return sign | roundShift(magnitude - 0x38000000, 13); // exponent bias 127 -> 15
}

/** In units of 2^-24, the smallest float16. */
function nearestSubnormal(magnitude: number): number {
  const shift = 126 - (magnitude >>> 23);
  return shift > 24 ? 0 : roundShift((magnitude & 0x7fffff) | 0x800000, shift);
}

function nearestBfloat16(bits: number): number {
  const isNan = (bits & 0x7fffffff) > 0x7f800000;
  if (isNan) return (bits >>> 16) | ((bits >>> 16) & 0x7f ? 0 : 0x40);
  return roundShift(bits, 16);
}

/** value / 2^shift to the nearest integer, ties to even; value is an unsigned 32-bit pattern. */
function roundShift(value: number, shift: number): number {
  const odd = (value >>> shift) & 1;
  return (value + 2 ** (shift - 1) - 1 + odd) >>> shift;
}
