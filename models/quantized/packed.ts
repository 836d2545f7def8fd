/*
 * Integers of 2, 4 or 8 bits in bytes, the first in the lowest bits: as MatMulNBits takes them, and little-endian words of GPTQ hold them.
 */

export type Bits = 2 | 4 | 8;

/**
 * A weight [outputs, inputs] as integers: w[n, k] = scale[n, g] (code[n, k] - zero[n, g]), where g = floor(place of k / groupSize).
 * An input's place is its index, unless `order` says otherwise.
 */
export interface PackedWeight {
  readonly outputs: number;
  readonly inputs: number;
  readonly bits: Bits;
  /** Inputs that share a scale; the last group may have fewer. */
  readonly groupSize: number;
  /** [outputs, rowBytes]: the codes of an output's inputs by their places. */
  readonly codes: Uint8Array;
  /** [outputs, groups] */
  readonly scales: Float32Array;
  /** [outputs, groups]; they need not be whole. */
  readonly zeros: Float32Array;
  /** The input at each place. */
  readonly order?: Int32Array;
}

/** Bytes that so many codes take. */
export const packedBytes = (count: number, bits: Bits): number => Math.ceil((count * bits) / 8);

export const groupsOf = ({ inputs, groupSize }: Pick<PackedWeight, 'inputs' | 'groupSize'>): number => Math.ceil(inputs / groupSize);

/** The code at a place of bytes. */
export function codeAt(bytes: Uint8Array, place: number, bits: Bits): number {
  const bit = place * bits;
  return ((bytes[bit >>> 3] ?? 0) >>> (bit & 7)) & ((1 << bits) - 1);
}

/** Codes, each below 2^bits, as bytes. */
export function packCodes(codes: ArrayLike<number>, bits: Bits): Uint8Array {
  const bytes = new Uint8Array(packedBytes(codes.length, bits));
  for (let place = 0; place < codes.length; place++) {
    const bit = place * bits;
    bytes[bit >>> 3] = (bytes[bit >>> 3] ?? 0) | ((codes[place] ?? 0) << (bit & 7));
  }
  return bytes;
}

/** Writes the weight [outputs, inputs] that the integers stand for. */
export function dequantize(packed: PackedWeight, out: Float32Array): void {
  const { outputs, inputs, bits, groupSize, codes, scales, zeros, order } = packed;
  const [groups, rowBytes] = [groupsOf(packed), packedBytes(inputs, bits)];
  for (let n = 0; n < outputs; n++) {
    const row = codes.subarray(n * rowBytes, (n + 1) * rowBytes);
    for (let place = 0; place < inputs; place++) {
      const g = n * groups + Math.floor(place / groupSize);
      const k = order ? (order[place] ?? NaN) : place;
      out[n * inputs + k] = (scales[g] ?? NaN) * (codeAt(row, place, bits) - (zeros[g] ?? NaN));
    }
  }
}
