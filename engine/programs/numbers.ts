import type { Graph, Value } from '../graph/graph.js';
import type { NumberFormula } from './frame.js';
import type { NumberOf } from './patterns.js';

const functions: Readonly<Record<string, (a: number, b: number) => number>> = {
  Add: (a, b) => a + b,
  Sub: (a, b) => a - b,
  Mul: (a, b) => a * b,
  Div: (a, b) => a / b,
  Neg: (a) => -a,
  Abs: (a) => Math.abs(a),
  Sqrt: (a) => Math.sqrt(a),
};

/** The numbers of a program in double precision: constants, those given, sums, and what is computed of such. */
export class Numbers {
  readonly #places = new Map<Value, number>();
  readonly #constants: ReadonlyMap<Value, number>;

  /** @param sum - is told of every sum that a number asks for, before the place of it is used */
  constructor(
    readonly graph: Graph,
    readonly sum: (value: Value) => void,
  ) {
    this.#constants = new Map(graph.constants.map(({ value, data }) => [value, data[0] ?? NaN]));
  }

  get count(): number {
    return this.#places.size;
  }

  /** Where a number that is given, or a sum, has its place. */
  place(value: Value): number {
    const place = this.#places.get(value) ?? this.#places.size;
    this.#places.set(value, place);
    return place;
  }

  formula(of: NumberOf): NumberFormula {
    if (typeof of === 'number') return () => of;
    if ('graph' in of) return this.#value(of);
    if ('minus' in of) {
      const inner = this.formula(of.minus);
      return (frame) => -inner(frame);
    }
    const inner = this.formula(of.over);
    return (frame) => 1 / inner(frame);
  }

  #value(value: Value): NumberFormula {
    const constant = this.#constants.get(value);
    if (constant !== undefined) return () => constant;
    const node = this.graph.producer(value);
    if (!node || node.op === 'ReduceSum') {
      if (node) this.sum(value);
      const place = this.place(value);
      return (frame) => frame.numbers[place] ?? NaN;
    }
    const of = functions[node.op];
    const [a, b = a] = node.inputs;
    if (!of || !a || !b) throw new Error(`a program has no ${node.op} of numbers`);
    const [left, right] = [this.#value(a), this.#value(b)];
    return (frame) => of(left(frame), right(frame));
  }
}
