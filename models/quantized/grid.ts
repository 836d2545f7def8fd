import { roundToFloat16 } from '../float16.js';
import type { Bits } from './packed.js';

/** An evenly spaced grid: value = scale (code - zero), codes from 0 to 2^bits - 1. */
export interface Grid {
  readonly scale: number;
  readonly zero: number;
}

/** The smallest that float16 holds. */
const SMALLEST_SCALE = 2 ** -24;

/**
 * The grid that just holds the values, its scale one that float16 holds: symmetric around the middle code, or from the least value to the
 * largest, and 0 among them.
 */
export function gridOf(values: Iterable<number>, bits: Bits, symmetric: boolean): Grid {
  const codes = 2 ** bits - 1;
  let [least, most] = [0, 0];
  for (const value of values) {
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  const width = symmetric ? 2 * Math.max(most, -least) : most - least;
  const scale = Math.max(SMALLEST_SCALE, roundToFloat16(width / codes));
  return { scale, zero: symmetric ? 2 ** (bits - 1) : clamped(-least / scale, codes) };
}

/** The code whose value is nearest. */
export const codeOf = (value: number, { scale, zero }: Grid, bits: Bits): number => clamped(value / scale + zero, 2 ** bits - 1);

const clamped = (code: number, most: number): number => Math.min(most, Math.max(0, Math.round(code)));
