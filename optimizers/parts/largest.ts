import { CHUNK, type Parameter, type Parameters, type Pointer, type Run } from '../../engine/index.js';

/** Elements of a parameter that compete with others for their places, of any length. */
export interface Span {
  readonly parameter: Parameter;
  readonly first: number;
  readonly count: number;
}

/** Where the scores of a run lie, their signs aside; `room` holds a run. */
export type Scores = (run: Run, room: Pointer) => Pointer;

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

  /** Marks, in arrays of bits, the `keep` largest of the spans together; of equal ones the first. */
  mark(spans: readonly Span[], keep: number, marks: (parameter: Parameter) => Pointer): void {
    const { kernels } = this.parameters.heap;
    const threshold = this.#threshold(spans, keep);
    let { ties } = threshold;
    this.#visit(spans, ({ parameter, first, count }, scores) => {
      ties = kernels.mark(marks(parameter), first, scores, count, threshold.bits, ties);
    });
  }

  /** The share of each span's elements among the `keep` largest of the spans together, equal ones sharing the places left for them. */
  shares(spans: readonly Span[], keep: number): number[] {
    const { bits, ties } = this.#threshold(spans, keep);
    const above = spans.map((span) => this.#above(span, bits));
    const tied = spans.map((span, k) => this.#above(span, bits - 1) - (above[k] ?? NaN));
    const allTied = tied.reduce((sum, count) => sum + count, 0);
    return spans.map(({ count }, k) => ((above[k] ?? NaN) + ((tied[k] ?? NaN) * ties) / Math.max(1, allTied)) / count);
  }

  /** The smallest of the `keep` largest scores of the spans together. */
  least(spans: readonly Span[], keep: number): number {
    return new Float32Array(Uint32Array.of(this.#threshold(spans, keep).bits).buffer)[0] ?? NaN;
  }

  #above(span: Span, bits: number): number {
    let above = 0;
    this.#visit([span], ({ count }, scores) => (above += this.parameters.heap.kernels.countAbove(scores, count, bits)));
    return above;
  }

  #threshold(spans: readonly Span[], keep: number): Threshold {
    const [span] = spans;
    return span && spans.length === 1 && span.count <= CHUNK ? this.#ofOneRun(span, keep) : this.#ofMany(spans, keep);
  }

  #ofOneRun(span: Span, keep: number): Threshold {
    const { kernels } = this.parameters.heap;
    let threshold = { bits: 0, ties: 0 };
    this.#visit([span], ({ count }, scores) => {
      const bits = kernels.ranked(scores, count, keep);
      threshold = { bits, ties: keep - kernels.countAbove(scores, count, bits) };
    });
    return threshold;
  }

  /** Radix selection: bits are counted by digits of eight, from the highest on, in four passes. */
  #ofMany(spans: readonly Span[], keep: number): Threshold {
    const { kernels } = this.parameters.heap;
    const { buffer, byteOffset } = this.parameters.heap.floats(this.#counts, BUCKETS);
    const counts = new Uint32Array(buffer, byteOffset, BUCKETS);
    let bits = 0;
    let ties = keep;
    for (const shift of DIGITS) {
      counts.fill(0);
      this.#visit(spans, ({ count }, scores) => kernels.tally(this.#counts, scores, count, bits, shift));
      let digit = (WITHOUT_SIGN >>> shift) % BUCKETS;
      while (digit > 0 && (counts[digit] ?? 0) < ties) ties -= counts[digit--] ?? 0;
      bits = bits * BUCKETS + digit;
    }
    return { bits, ties };
  }

  #visit(spans: readonly Span[], use: (run: Run, scores: Pointer) => void): void {
    const { parameters } = this;
    parameters.lend((room) => {
      for (const { parameter, first, count } of spans) {
        for (let done = 0; done < count; done += CHUNK) {
          const run = { parameters, parameter, first: first + done, count: Math.min(CHUNK, count - done) };
          use(run, this.scores(run, room));
        }
      }
    });
  }
}
