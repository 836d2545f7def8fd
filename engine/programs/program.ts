import { Graph, type Shape, type Value } from '../graph/graph.js';

/** The one axis of the arrays of a program that works element by element. */
export const ELEMENTS = 'elements';

/**
 * A formula over named arrays and numbers, written with the operators that models are made of: one definition for every backend. An
 * output that has an array's name replaces it; one of shape [] is a sum, which the run gives; any other is what the program is run for.
 */
export interface Formula {
  /** Its outputs are called `out:` and their name, for inputs may have the same. */
  readonly graph: Graph;
  readonly arrays: readonly string[];
  readonly scalars: readonly string[];
  readonly outputs: ReadonlyMap<string, Value>;
}

/** A formula that knows its names. */
export class Program<Name extends string, Scalar extends string, Output extends string> implements Formula {
  constructor(
    readonly graph: Graph,
    readonly arrays: readonly Name[],
    readonly scalars: readonly Scalar[],
    readonly outputs: ReadonlyMap<Output, Value>,
  ) {}

  /** The program with what its arrays and numbers are; theta is given by itself. */
  on<Given extends Readonly<Record<Exclude<Name, 'theta'>, unknown>>>(
    arrays: Given,
    ...[scalars]: [Scalar] extends [never] ? [] : [Readonly<Record<Scalar, number>>]
  ): Application<Given[keyof Given], Exclude<Output, Name>> {
    return { program: this, arrays: arrays as Readonly<Record<string, Given[keyof Given]>>, scalars: scalars ?? {} };
  }
}

/** A program with what its arrays and numbers are, and the names of the sums that it gives. */
export interface Application<Binding, Sum extends string = string> {
  readonly program: Formula;
  readonly arrays: Readonly<Record<string, Binding>>;
  readonly scalars: Readonly<Record<string, number>>;
  /** Never set: it carries the type. */
  readonly sum?: Sum;
}

type Values<Name extends string> = Readonly<Record<Name, Value>>;

/** A program over arrays of equal length, element by element. */
export function program<Name extends string, Output extends string, Scalar extends string = never>(
  names: { readonly arrays: readonly Name[]; readonly scalars?: readonly Scalar[] },
  formula: (arrays: Values<Name>, scalars: Values<Scalar>) => Values<Output>,
): Program<Name, Scalar, Output> {
  const shapes = Object.fromEntries(names.arrays.map((name) => [name, [ELEMENTS]])) as unknown as Record<Name, Shape>;
  return matrixProgram(shapes, names.scalars ?? [], formula);
}

/** A program over whole matrices, whose axes are named. */
export function matrixProgram<Name extends string, Output extends string, Scalar extends string = never>(
  shapes: Readonly<Record<Name, Shape>>,
  scalars: readonly Scalar[],
  formula: (arrays: Values<Name>, scalars: Values<Scalar>) => Values<Output>,
): Program<Name, Scalar, Output> {
  const graph = new Graph();
  const arrays = Object.keys(shapes) as Name[];
  const inputs = <Key extends string>(names: readonly Key[], shape: (name: Key) => Shape): Values<Key> =>
    Object.fromEntries(names.map((name) => [name, graph.input(name, 'real', shape(name))])) as Values<Key>;
  const outputs = formula(
    inputs(arrays, (name) => shapes[name]),
    inputs(scalars, () => []),
  );
  const named = new Map(Object.entries(outputs) as [Output, Value][]);
  for (const [name, value] of named) graph.output(`out:${name}`, value);
  return new Program(graph, arrays, scalars, named);
}
