import { resolveShape, type Bindings } from '../graph/axis-lengths.js';
import type { Graph, Node, Value } from '../graph/graph.js';

/** Operators whose output is their first input seen otherwise. */
const VIEWS: ReadonlySet<string> = new Set(['Reshape', 'Squeeze', 'Unsqueeze', 'Identity']);

/** Operators that ONNX Runtime lets write over an input of the same size that nothing reads later. */
const IN_PLACE: ReadonlySet<string> = new Set(
  ['Add', 'Sub', 'Mul', 'Neg', 'Relu', 'Sigmoid', 'Exp', 'Erf', 'Sign'].concat(['Expand', 'ScatterND']),
);

/** Where what a graph computes lies while it runs. */
export interface Allocator<Place> {
  allocate(bytes: number): Place;
  release(place: Place): void;
}

/** Counts what is in use. */
export class InUse implements Allocator<number> {
  #now = 0;
  /** The most that has been in use at a time. */
  peak = 0;

  allocate(bytes: number): number {
    this.#now += bytes;
    this.peak = Math.max(this.peak, this.#now);
    return bytes;
  }

  release(bytes: number): void {
    this.#now -= bytes;
  }
}

/** Memory of one value, or of several that share it. */
interface ValueBuffer<Place> {
  readonly bytes: number;
  readonly place: Place | undefined;
  /** Values in it that are still to be read. */
  users: number;
}

export interface RunSizes {
  /** Of the named axes. */
  readonly lengths: Bindings;
  /** Of an element of the graph's real type. */
  readonly realBytes: number;
  /** Whether an output's memory is given. */
  readonly isGiven: (output: string) => boolean;
}

/**
 * Asks for the memory of a run, as ONNX Runtime does while it goes through a graph's nodes in the order given: a value gets its buffer at the node that makes
 * it and gives it back after its last use. Inputs, constants and given outputs lie elsewhere; an output that is not given is dropped in the end.
 */
export function replayAllocations<Place>(
  graph: Graph,
  nodes: readonly Node[],
  { lengths, realBytes, isGiven }: RunSizes,
  allocator: Allocator<Place>,
): void {
  const bytesOf = ({ shape, dtype }: Value): number =>
    resolveShape(shape, lengths).reduce((a, b) => a * b, { real: realBytes, int64: 8, bool: 1 }[dtype]);
  const newBuffer = (bytes: number): ValueBuffer<Place> => ({ bytes, place: allocator.allocate(bytes), users: 0 });
  const elsewhere: ValueBuffer<Place> = { bytes: 0, place: undefined, users: Infinity };
  const buffers = new Map([...graph.outputs].flatMap(([name, value]) => (isGiven(name) ? [[value, elsewhere] as const] : [])));
  const inferred = inferredValues(graph);
  const lastUses = lastUsesOf(nodes, graph.outputs.values());
  nodes.forEach((node, index) => {
    const isOver = (value: Value): boolean => (lastUses.get(value) ?? index) <= index;
    for (const output of node.outputs.filter((value) => !buffers.has(value))) {
      const bytes = bytesOf(output);
      const isReusable = (value: Value): boolean => isOver(value) && inferred.has(value) && inferred.has(output);
      const buffer = VIEWS.has(node.op)
        ? viewed(node, buffers, elsewhere)
        : (overwritten(node, bytes, buffers, isReusable) ?? newBuffer(bytes));
      buffer.users += 1;
      buffers.set(output, buffer);
    }
    withWorkspace(node, bytesOf, allocator);
    for (const value of new Set([...node.inputs, ...node.outputs])) if (value && isOver(value)) leave(buffers.get(value), allocator);
  });
  for (const value of graph.outputs.values()) leave(buffers.get(value), allocator);
}

function leave<Place>(buffer: ValueBuffer<Place> | undefined, allocator: Allocator<Place>): void {
  if (buffer && --buffer.users === 0 && buffer.place !== undefined) allocator.release(buffer.place);
}

function viewed<Place>(
  { inputs: [input] }: Node,
  buffers: ReadonlyMap<Value, ValueBuffer<Place>>,
  elsewhere: ValueBuffer<Place>,
): ValueBuffer<Place> {
  return (input && buffers.get(input)) ?? elsewhere;
}

/** The buffer of one of the node's inputs that its output may be written over. */
function overwritten<Place>(
  { op, inputs }: Node,
  bytes: number,
  buffers: ReadonlyMap<Value, ValueBuffer<Place>>,
  isReusable: (value: Value) => boolean,
): ValueBuffer<Place> | undefined {
  if (!IN_PLACE.has(op)) return undefined;
  return inputs
    .flatMap((input) => (input && isReusable(input) ? (buffers.get(input) ?? []) : []))
    .find((buffer) => buffer.users === 1 && buffer.bytes === bytes);
}

/**
 * The values of which ONNX Runtime knows, before it runs the graph, how their sizes compare: not those that come of a reshape whose lengths
 * only show when it runs.
 */
function inferredValues({ nodes }: Graph): ReadonlySet<Value> {
  const unknown = new Set<Value>();
  for (const { op, inputs, outputs } of nodes) {
    const [x] = inputs;
    for (const output of outputs.filter(({ shape }) => shape.some((dim) => typeof dim === 'string'))) {
      const isNew = op === 'Reshape' && output.shape.some((dim, axis) => typeof dim === 'string' && dim !== x?.shape[axis]);
      if (isNew || inputs.some((input) => input && unknown.has(input))) unknown.add(output);
    }
  }
  return new Set(nodes.flatMap(({ outputs }) => outputs.filter((output) => !unknown.has(output))));
}

/** What a node takes besides its output while it runs: the log-sum-exp is made of a whole LogSoftmax (see lowering.ts). */
function withWorkspace<Place>({ op, inputs: [x] }: Node, bytesOf: (value: Value) => number, allocator: Allocator<Place>): void {
  if (op === 'ReduceLogSumExp' && x) allocator.release(allocator.allocate(bytesOf(x)));
}

/** The index of the node that reads each value last; a graph's output is kept. */
function lastUsesOf(nodes: readonly Node[], outputs: Iterable<Value>): ReadonlyMap<Value, number> {
  const lastUses = new Map<Value, number>();
  nodes.forEach(({ inputs }, index) => {
    for (const input of inputs) if (input) lastUses.set(input, index);
  });
  for (const value of outputs) lastUses.set(value, nodes.length);
  return lastUses;
}
