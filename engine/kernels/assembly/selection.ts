// Which elements are the largest in magnitude. Magnitudes of floats are ordered as their bits without the sign are, read as integers.

const MAGNITUDE: i32 = 0x7fffffff;
const DIGIT: u32 = 0xff;
const BUCKETS: usize = 256;
/** Four arrays of counts take turns: neighbours often fall in one bucket, and a count must not wait for the one before. */
const LANE: usize = 1024;
/** Behind them, where the others are counted: a branch would often be wrong. */
const IGNORED: usize = 4096;
const LANES: usize = memory.data(4096 + 16, 16);

/** Counts the elements by the digit of eight bits at `shift` of their magnitude's bits, of those whose bits above it are `prefix`. */
export function tally(counts: usize, x: usize, count: u32, prefix: u32, shift: u32): void {
  memory.fill(LANES, 0, LANE << 2);
  for (let at: usize = 0, end = (<usize>count) << 2; at < end; at += 4) {
    const bits = (load<u32>(x + at) & MAGNITUDE) >> shift;
    const lane = (at & 12) * BUCKETS + ((<usize>(bits & DIGIT)) << 2);
    const counter = LANES + select<usize>(lane, IGNORED + (at & 12), bits >> 8 == prefix);
    store<u32>(counter, load<u32>(counter) + 1);
  }
  for (let at: usize = 0; at < LANE; at += 16) {
    const low = i32x4.add(v128.load(LANES + at), v128.load(LANES + LANE + at));
    const high = i32x4.add(v128.load(LANES + 2 * LANE + at), v128.load(LANES + 3 * LANE + at));
    v128.store(counts + at, i32x4.add(v128.load(counts + at), i32x4.add(low, high)));
  }
}

/** How many elements have magnitudes whose bits are above `threshold`. */
export function countAbove(x: usize, count: u32, threshold: i32): u32 {
  const magnitudes = i32x4.splat(MAGNITUDE);
  const thresholds = i32x4.splat(threshold);
  const whole = (<usize>(count & ~3)) << 2;
  let counts = i32x4.splat(0);
  // A comparison that holds is -1.
  for (let at: usize = 0; at < whole; at += 16) {
    counts = i32x4.sub(counts, i32x4.gt_s(v128.and(v128.load(x + at), magnitudes), thresholds));
  }
  let above: u32 = i32x4.extract_lane(counts, 0) + i32x4.extract_lane(counts, 1) + i32x4.extract_lane(counts, 2) + i32x4.extract_lane(counts, 3);
  for (let at = whole, end = (<usize>count) << 2; at < end; at += 4) above += u32(<i32>(load<u32>(x + at) & MAGNITUDE) > threshold);
  return above;
}

/** The bits of the element of that rank, from 1 on, in order of falling magnitude: found bit by bit, for what is in the cache. */
export function ranked(x: usize, count: u32, rank: u32): i32 {
  let bits: i32 = 0;
  for (let bit: i32 = 1 << 30; bit > 0; bit >>= 1) {
    if (countAbove(x, count, (bits | bit) - 1) >= rank) bits |= bit;
  }
  return bits;
}

/**
 * Sets the bits first, first + 1, ... of `marks` where an element's magnitude has bits above `threshold`, and for the first `ties`
 * elements that have just these; clears the others. Gives the ties that are left.
 */
export function mark(marks: usize, first: u32, x: usize, count: u32, threshold: i32, ties: u32): u32 {
  let left = ties;
  for (let i: u32 = 0; i < count; ) {
    const place = (first + i) & 31;
    const n = min(32 - place, count - i);
    const at = x + ((<usize>i) << 2);
    let kept = above(at, n, threshold);
    if (left > 0) {
      // At the threshold are those that are above the number before it and not above it.
      for (let tied = above(at, n, threshold - 1) & ~kept; tied != 0 && left > 0; tied &= tied - 1, left--) kept |= tied & -tied;
    }
    const mine: u32 = (0xffffffff >> (32 - n)) << place;
    const word = marks + ((<usize>((first + i) >> 5)) << 2);
    store<u32>(word, (load<u32>(word) & ~mine) | (kept << place));
    i += n;
  }
  return left;
}

/** A bit for each of up to 32 elements: whether its magnitude's bits are above `threshold`. */
// @ts-ignore: decorator
@inline
function above(x: usize, count: u32, threshold: i32): u32 {
  let bits: u32 = 0;
  let i: u32 = 0;
  for (; i + 4 <= count; i += 4) {
    const magnitudes = v128.and(v128.load(x + ((<usize>i) << 2)), i32x4.splat(MAGNITUDE));
    bits |= i32x4.bitmask(i32x4.gt_s(magnitudes, i32x4.splat(threshold))) << i;
  }
  for (; i < count; i++) bits |= u32(<i32>(load<u32>(x + ((<usize>i) << 2)) & MAGNITUDE) > threshold) << i;
  return bits;
}
