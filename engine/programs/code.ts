import type { Graph, Value } from '../graph/graph.js';
import type { Instruction } from './frame.js';
import { kernelCalls } from './kernel-calls.js';
import { Numbers } from './numbers.js';
import { isNumber, matchKernel } from './patterns.js';
import { Places, type ArrayPlace, type Step } from './places.js';
import type { Formula } from './program.js';

/** A program as calls of kernels. Arrays and numbers are known by their places in a {@link Frame}. */
export interface Code {
  readonly instructions: readonly Instruction[];
  /** By place: the program's own arrays, then what it is run for, then unnamed ones to work in. */
  readonly arrays: readonly ArrayPlace[];
  readonly numbers: number;
  readonly scalars: ReadonlyMap<string, number>;
  readonly sums: ReadonlyMap<string, number>;
}

const compiled = new WeakMap<Formula, Code>();

/** The code of a program, made once. */
export function codeOf(program: Formula): Code {
  const code = compiled.get(program) ?? new Compiler(program).code();
  compiled.set(program, code);
  return code;
}

class Compiler {
  readonly #graph: Graph;
  readonly #steps: Step[] = [];
  readonly #numbers: Numbers;
  readonly #done = new Set<Value>();

  constructor(readonly program: Formula) {
    this.#graph = program.graph;
    this.#numbers = new Numbers(this.#graph, (sum) => this.#sum(sum));
  }

  code(): Code {
    const outputs = [...this.program.outputs];
    for (const [, value] of outputs) {
      if (isNumber(value)) this.#numbers.formula(value);
      else this.#array(value);
    }
    const places = new Places(this.program, this.#steps);
    const instructions = this.#steps.map(({ instruction }) => instruction((value) => places.of(value)));
    for (const { from, to } of places.copies) instructions.push((frame) => kernelCalls.copy(frame, to, [from]));
    return {
      instructions,
      arrays: places.arrays,
      scalars: new Map(this.program.scalars.map((name) => [name, this.#numbers.place(this.#input(name))])),
      sums: new Map(outputs.filter(([, value]) => isNumber(value)).map(([name, value]) => [name, this.#numbers.place(value)])),
      numbers: this.#numbers.count,
    };
  }

  #input(name: string): Value {
    const value = this.#graph.findInput(name);
    if (!value) throw new Error(`the program has no ${name}`);
    return value;
  }

  /** After what it is made of. */
  #array(value: Value): void {
    if (this.#done.has(value) || !this.#graph.producer(value)) return;
    this.#done.add(value);
    const { call, reads, numbers, inPlace } = matchKernel(this.#graph, value);
    for (const read of reads) this.#array(read);
    const formulas = numbers.map((number) => this.#numbers.formula(number));
    const instruction: Step['instruction'] = (place) => {
      const [out, from] = [place(value), reads.map(place)];
      return (frame) => call(frame, out, from, formulas);
    };
    this.#steps.push({ value, reads, inPlace, instruction });
  }

  /** The sum of x y over all elements, in double precision. */
  #sum(value: Value): void {
    if (this.#done.has(value)) return;
    this.#done.add(value);
    const [summed] = this.#graph.producer(value)?.inputs ?? [];
    const product = summed && this.#graph.producer(summed);
    const [x, y] = product?.op === 'Mul' ? product.inputs : [];
    if (!x || !y || isNumber(x) || isNumber(y)) throw new Error('no kernel computes a sum that is not one of products of two arrays');
    this.#array(x);
    this.#array(y);
    const out = this.#numbers.place(value);
    const instruction: Step['instruction'] = (place) => {
      const [left, right] = [place(x), place(y)];
      return (frame) => void (frame.numbers[out] = frame.kernels.dot(frame.at(left), frame.at(right), frame.size(left)));
    };
    this.#steps.push({ reads: [x, y], inPlace: [], instruction });
  }
}
