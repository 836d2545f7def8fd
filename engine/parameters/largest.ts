import { CHUNK, type Pointer } from '../kernels/pointer.js';
import type { DirectionChunk } from './direction.js';
import type { Parameter } from './parameter.js';
import type { Parameters } from './parameters.js';

/** Elements of a parameter that compete with others for their places, of any length. */
export interface ParameterRange {
  readonly parameter: Parameter;
  readonly first: number;
  readonly count: number;
}

/** Where the scores of a chunk lie, their signs aside; `buffer` holds a chunk. */
export type Scores = (chunk: DirectionChunk, buffer: Pointer) => Pointer;

/** Bits of floats without their signs, which are ordered as the floats are. */
interface Threshold {
  readonly bits: number;
  /** So many with just these bits are among the largest. */
  readonly ties: number;
}

const DIGITS = [24, 16, 8, 0];
const BUCKETS = 256;
const WITHOUT_SIGN = 0x7fffffff;

/** The elements with the largest scores, exactly so many. Scores are made where they are used and never stored. */
export class Largest {
  readonly #counts: Pointer;

  constructor(
    readonly parameters: Parameters,
    readonly scores: Scores,
  ) {
    this.#counts = parameters.heap.allocate(BUCKETS);
  }

  /** Marks, in arrays of bits, the `keep` largest of the ranges together; of equal ones the first. */
  mark(ranges: readonly ParameterRange[], keep: number, marks: (parameter: Parameter) => Pointer): void {
    const { kernels } = this.parameters.heap;
    const threshold = this.#threshold(ranges, keep);
    let { ties } = threshold;
    this.#visit(ranges, ({ parameter, first, count }, scores) => {
      ties = kernels.mark(marks(parameter), first, scores, count, threshold.bits, ties);
    });
  }

  /** The share of each range's elements among the `keep` largest of the ranges together, equal ones sharing the places left for them. */
  shares(ranges: readonly ParameterRange[], keep: number): number[] {
    const { bits, ties } = this.#threshold(ranges, keep);
    const above = ranges.map((range) => this.#above(range, bits));
    const tied = ranges.map((range, k) => this.#above(range, bits - 1) - (above[k] ?? NaN));
    const allTied = tied.reduce((sum, count) => sum + count, 0);
    return ranges.map(({ count }, k) => ((above[k] ?? NaN) + ((tied[k] ?? NaN) * ties) / Math.max(1, allTied)) / count);
  }

  /** The smallest of the `keep` largest scores of the ranges together. */
  least(ranges: readonly ParameterRange[], keep: number): number {
    return new Float32Array(Uint32Array.of(this.#threshold(ranges, keep).bits).buffer)[0] ?? NaN;
  }

  #above(range: ParameterRange, bits: number): number {
    let above = 0;
    this.#visit([range], ({ count }, scores) => (above += this.parameters.heap.kernels.countAbove(scores, count, bits)));
    return above;
  }

  #threshold(ranges: readonly ParameterRange[], keep: number): Threshold {
    const [range] = ranges;
    return range && ranges.length === 1 && range.count <= CHUNK ? this.#ofOneChunk(range, keep) : this.#ofMany(ranges, keep);
  }

  #ofOneChunk(range: ParameterRange, keep: number): Threshold {
    const { kernels } = this.parameters.heap;
    let threshold = { bits: 0, ties: 0 };
    this.#visit([range], ({ count }, scores) => {
      const bits = kernels.ranked(scores, count, keep);
      threshold = { bits, ties: keep - kernels.countAbove(scores, count, bits) };
    });
    return threshold;
  }

  /** Radix selection: bits are counted by digits of eight, from the highest on, in four passes. */
  #ofMany(ranges: readonly ParameterRange[], keep: number): Threshold {
    const { kernels } = this.parameters.heap;
    const { buffer, byteOffset } = this.parameters.heap.floats(this.#counts, BUCKETS);
    const counts = new Uint32Array(buffer, byteOffset, BUCKETS);
    let bits = 0;
    let ties = keep;
    for (const shift of DIGITS) {
      counts.fill(0);
      this.#visit(ranges, ({ count }, scores) => kernels.tally(this.#counts, scores, count, bits, shift));
      let digit = (WITHOUT_SIGN >>> shift) % BUCKETS;
      while (digit > 0 && (counts[digit] ?? 0) < ties) ties -= counts[digit--] ?? 0;
      bits = bits * BUCKETS + digit;
    }
    return { bits, ties };
  }

  #visit(ranges: readonly ParameterRange[], use: (chunk: DirectionChunk, scores: Pointer) => void): void {
    const { parameters } = this;
    parameters.withBuffers(1, ([buffer = NaN]) => {
      for (const { parameter, first, count } of ranges) {
        for (let done = 0; done < count; done += CHUNK) {
          const chunk = { parameters, parameter, first: first + done, count: Math.min(CHUNK, count - done) };
          use(chunk, this.scores(chunk, buffer));
        }
      }
    });
  }
}
