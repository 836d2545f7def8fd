/** A weight [outputs, inputs] as vectors: each block of it is the sum of one vector of every codebook, times the scale of its outputs. */
export interface CodebookWeight {
  readonly outputs: number;
  readonly inputs: number;
  /** A block and a vector are [outGroup, inGroup]. */
  readonly outGroup: number;
  readonly inGroup: number;
  /** How many codebooks there are. */
  readonly count: number;
  /** A codebook has 2^bits vectors. */
  readonly bits: number;
  /** [outputs / outGroup, inputs / inGroup, count] */
  readonly codes: Int32Array;
  /** [count, 2^bits, outGroup, inGroup] */
  readonly codebooks: Float32Array;
  /** [outputs / outGroup] */
  readonly scales: Float32Array;
}

/** Writes the weight [outputs, inputs] that the vectors make. */
export function sumVectors(weight: CodebookWeight, out: Float32Array): void {
  const { outputs, inputs, outGroup, inGroup } = weight;
  out.fill(0);
  for (let row = 0; row < outputs / outGroup; row++) {
    for (let column = 0; column < inputs / inGroup; column++) addBlock(weight, row, column, out);
  }
}

function addBlock(
  { inputs, outGroup, inGroup, count, bits, codes, codebooks, scales }: CodebookWeight,
  row: number,
  column: number,
  out: Float32Array,
) {
  const [columns, size, scale] = [inputs / inGroup, outGroup * inGroup, scales[row] ?? NaN];
  for (let c = 0; c < count; c++) {
    const vector = (c * 2 ** bits + (codes[(row * columns + column) * count + c] ?? NaN)) * size;
    for (let i = 0; i < size; i++) {
      const to = (row * outGroup + Math.floor(i / inGroup)) * inputs + column * inGroup + (i % inGroup);
      out[to] = (out[to] ?? NaN) + scale * (codebooks[vector + i] ?? NaN);
    }
  }
}
