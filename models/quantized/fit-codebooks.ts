import { uniforms } from '../../engine/index.js';
import { roundToFloat16 } from '../float16.js';
import type { CodebookWeight } from './codebooks.js';
import type { Weight } from './round.js';

const VECTOR = 8;
const CODE_BITS = 8;
const SWEEPS = 8;
/** Vectors that a codebook is fitted to; more do not make it better. */
const FITTED = 1 << 12;
const SEED = 1;

/**
 * Residual vector quantisation: each codebook is fitted by k-means (Lloyd 1982) to what those before it have left over, so that `bits`
 * codebooks of 256 vectors of eight weights take `bits` bits a weight.
 * @throws RangeError where runs of eight do not make up a row
 */
export function fitCodebooks({ outputs, inputs, values }: Weight, bits: number): CodebookWeight {
  if (inputs % VECTOR !== 0) throw new RangeError(`${inputs} inputs are not runs of ${VECTOR}`);
  const scales = Float32Array.from(
    { length: outputs },
    (_, n) => roundToFloat16(rootMeanSquare(values.subarray(n * inputs, (n + 1) * inputs))) || 1,
  );
  const rest = Float32Array.from(values, (value, at) => value / (scales[Math.floor(at / inputs)] ?? NaN));
  const vectors = rest.length / VECTOR;
  const codes = new Int32Array(vectors * bits);
  const codebooks = new Float32Array(bits * 2 ** CODE_BITS * VECTOR);
  for (let c = 0; c < bits; c++) {
    const book = fit(rest).map(roundToFloat16);
    codebooks.set(book, c * book.length);
    for (let v = 0; v < vectors; v++) {
      const code = nearest(book, rest, v * VECTOR);
      codes[v * bits + c] = code;
      for (let j = 0; j < VECTOR; j++) rest[v * VECTOR + j] = (rest[v * VECTOR + j] ?? NaN) - (book[code * VECTOR + j] ?? NaN);
    }
  }
  return { outputs, inputs, outGroup: 1, inGroup: VECTOR, bits: CODE_BITS, count: bits, codes, codebooks, scales };
}

function rootMeanSquare(row: Float32Array): number {
  return Math.sqrt(row.reduce((sum, value) => sum + value * value, 0) / row.length);
}

/** Means of 2^CODE_BITS clusters of the vectors that lie end to end in `points`. */
function fit(points: Float32Array): Float32Array {
  const all = points.length / VECTOR;
  const uniform = uniforms(SEED);
  const drawn = (): number => Math.min(all - 1, Math.floor(uniform() * all)) * VECTOR;
  const sample = all <= FITTED ? Array.from({ length: all }, (_, v) => v * VECTOR) : Array.from({ length: FITTED }, drawn);
  const book = new Float32Array(2 ** CODE_BITS * VECTOR);
  for (let code = 0; code < 2 ** CODE_BITS; code++) book.set(vectorAt(points, drawn()), code * VECTOR);
  for (let sweep = 0; sweep < SWEEPS; sweep++) moveToMeans(book, points, sample, drawn);
  return book;
}

const vectorAt = (points: Float32Array, at: number): Float32Array => points.subarray(at, at + VECTOR);

function moveToMeans(book: Float32Array, points: Float32Array, sample: readonly number[], drawn: () => number): void {
  const sums = new Float64Array(book.length);
  const counts = new Float64Array(book.length / VECTOR);
  for (const at of sample) {
    const code = nearest(book, points, at);
    counts[code] = (counts[code] ?? NaN) + 1;
    for (let j = 0; j < VECTOR; j++) sums[code * VECTOR + j] = (sums[code * VECTOR + j] ?? NaN) + (points[at + j] ?? NaN);
  }
  counts.forEach((count, code) => {
    // A cluster that nobody is in begins anew.
    const mean = count > 0 ? sums.subarray(code * VECTOR, (code + 1) * VECTOR).map((sum) => sum / count) : vectorAt(points, drawn());
    book.set(mean, code * VECTOR);
  });
}

/** The vector of the codebook that is nearest to the one at that place. */
function nearest(book: Float32Array, points: Float32Array, at: number): number {
  let [best, least] = [0, Infinity];
  for (let code = 0; code < book.length; code += VECTOR) {
    let distance = 0;
    for (let j = 0; j < VECTOR && distance < least; j++) distance += ((book[code + j] ?? NaN) - (points[at + j] ?? NaN)) ** 2;
    if (distance < least) [best, least] = [code / VECTOR, distance];
  }
  return best;
}
