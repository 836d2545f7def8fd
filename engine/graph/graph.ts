/** What a graph computes in: float64 where a check asks for it. */
export type Real = 'float32' | 'float64';

/** Element types of a graph; `real` is one of {@link Real}, chosen when it is compiled. */
export type DType = 'real' | 'int64' | 'bool';

/** An axis length: a number, or the name of one known only when the graph runs. */
export type Dim = number | string;
export type Shape = readonly Dim[];

/** A tensor in a graph. Operators take and return values; the numbers exist only when a session runs the graph. */
export interface Value {
  readonly graph: Graph;
  readonly name: string;
  readonly dtype: DType;
  readonly shape: Shape;
}

export type Attribute =
  | { readonly int: number }
  | { readonly float: number }
  | { readonly ints: readonly number[] }
  | { readonly string: string }
  /** A tensor of one element of the graph's real type. */
  | { readonly real: number };

/** One application of an ONNX operator. An input left out (ONNX's empty name) is undefined. */
export interface Node {
  readonly op: string;
  readonly domain: string;
  readonly inputs: readonly (Value | undefined)[];
  readonly outputs: readonly Value[];
  readonly attributes: Readonly<Record<string, Attribute>>;
}

export interface Constant {
  readonly value: Value;
  readonly data: readonly number[];
}

export interface NodeSpec {
  readonly op: string;
  readonly domain?: string;
  readonly inputs: readonly (Value | undefined)[];
  readonly outputs: readonly { readonly dtype: DType; readonly shape: Shape }[];
  readonly attributes?: Readonly<Record<string, Attribute>>;
}

/** A computation under construction: nodes in execution order, each named after an ONNX operator. */
export class Graph {
  readonly inputs: Value[] = [];
  readonly nodes: Node[] = [];
  readonly constants: Constant[] = [];
  readonly outputs = new Map<string, Value>();
  readonly #producers = new Map<Value, Node>();
  readonly #inputsByName = new Map<string, Value>();

  /** The input of that name; a second call with the same name returns the same value. */
  input(name: string, dtype: DType, shape: Shape): Value {
    const existing = this.#inputsByName.get(name);
    if (existing) {
      if (existing.dtype !== dtype || !sameShape(existing.shape, shape)) {
        const [first, second] = [`${existing.dtype} [${existing.shape.join(', ')}]`, `${dtype} [${shape.join(', ')}]`];
        throw new Error(`graph input ${name} is declared twice, as ${first} and ${second}`);
      }
      return existing;
    }
    const value = { graph: this, name, dtype, shape };
    this.inputs.push(value);
    this.#inputsByName.set(name, value);
    return value;
  }

  findInput(name: string): Value | undefined {
    return this.#inputsByName.get(name);
  }

  constant(data: readonly number[], dtype: DType, shape: Shape = []): Value {
    const value = { graph: this, name: `constant_${this.constants.length}`, dtype, shape };
    this.constants.push({ value, data });
    return value;
  }

  add(spec: NodeSpec): readonly Value[] {
    const id = this.nodes.length;
    const outputs = spec.outputs.map((output, index) => ({
      graph: this,
      name: index === 0 ? `${spec.op}_${id}` : `${spec.op}_${id}_${index}`,
      ...output,
    }));
    const node: Node = {
      op: spec.op,
      domain: spec.domain ?? '',
      inputs: spec.inputs,
      outputs,
      attributes: spec.attributes ?? {},
    };
    this.nodes.push(node);
    for (const output of outputs) this.#producers.set(output, node);
    return outputs;
  }

  output(name: string, value: Value): void {
    if (this.outputs.has(name)) throw new Error(`graph output ${name} is declared twice`);
    this.outputs.set(name, value);
  }

  producer(value: Value): Node | undefined {
    return this.#producers.get(value);
  }
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((dim, axis) => dim === b[axis]);
}

/** The length of several axes merged into one: a number, or a name such as `batch*sequence`. */
export function product(dims: Shape): Dim {
  const numbers = dims.filter((dim) => typeof dim === 'number').reduce((a, b) => a * b, 1);
  const names = dims.filter((dim) => typeof dim === 'string');
  if (names.length === 0) return numbers;
  return [...(numbers === 1 ? [] : [numbers]), ...names].join('*');
}

/** Shape of an elementwise operation on both shapes (ONNX's multidirectional broadcasting). */
export function broadcast(a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const left = a[axis - rank + a.length] ?? 1;
    const right = b[axis - rank + b.length] ?? 1;
    if (left === right || right === 1) return left;
    if (left === 1) return right;
    throw new Error(`shapes [${a.join(', ')}] and [${b.join(', ')}] do not broadcast together`);
  });
}
