import { resolveShape, type Bindings } from '../graph/axis-lengths.js';
import type { Graph, Node, Value } from '../graph/graph.js';

/** Operators whose output is their first input seen otherwise. */
const VIEWS: ReadonlySet<string> = new Set(['Reshape', 'Squeeze', 'Unsqueeze', 'Identity']);

/** Operators that ONNX Runtime lets write over an input of the same size that nothing reads later. */
const IN_PLACE: ReadonlySet<string> = new Set(
  ['Add', 'Sub', 'Mul', 'Neg', 'Relu', 'Sigmoid', 'Exp', 'Erf', 'Sign'].concat(['Expand', 'ScatterND']),
);

/** Where what a graph computes lies while it runs. */
export interface RoomKeeper<Place> {
  allocate(bytes: number): Place;
  release(place: Place): void;
}

/** Counts what is in use. */
export class InUse implements RoomKeeper<number> {
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
interface Room<Place> {
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
 * Asks for the memory of a run, as ONNX Runtime does while it goes through a graph's nodes in the order given: a value gets its room at the node that makes
 * it and gives it back after its last use. Inputs, constants and given outputs lie elsewhere; an output that is not given is dropped in the end.
 */
export function keepRooms<Place>(
  graph: Graph,
  nodes: readonly Node[],
  { lengths, realBytes, isGiven }: RunSizes,
  keeper: RoomKeeper<Place>,
): void {
  const bytesOf = ({ shape, dtype }: Value): number =>
    resolveShape(shape, lengths).reduce((a, b) => a * b, { real: realBytes, int64: 8, bool: 1 }[dtype]);
  const newRoom = (bytes: number): Room<Place> => ({ bytes, place: keeper.allocate(bytes), users: 0 });
  const elsewhere: Room<Place> = { bytes: 0, place: undefined, users: Infinity };
  const rooms = new Map([...graph.outputs].flatMap(([name, value]) => (isGiven(name) ? [[value, elsewhere] as const] : [])));
  const inferred = inferredValues(graph);
  const lastUses = lastUsesOf(nodes, graph.outputs.values());
  nodes.forEach((node, index) => {
    const isOver = (value: Value): boolean => (lastUses.get(value) ?? index) <= index;
    for (const output of node.outputs.filter((value) => !rooms.has(value))) {
      const bytes = bytesOf(output);
      const isReusable = (value: Value): boolean => isOver(value) && inferred.has(value) && inferred.has(output);
      const room = VIEWS.has(node.op) ? viewed(node, rooms, elsewhere) : (overwritten(node, bytes, rooms, isReusable) ?? newRoom(bytes));
      room.users += 1;
      rooms.set(output, room);
    }
    withWorkspace(node, bytesOf, keeper);
    for (const value of new Set([...node.inputs, ...node.outputs])) if (value && isOver(value)) leave(rooms.get(value), keeper);
  });
  for (const value of graph.outputs.values()) leave(rooms.get(value), keeper);
}

function leave<Place>(room: Room<Place> | undefined, keeper: RoomKeeper<Place>): void {
  if (room && --room.users === 0 && room.place !== undefined) keeper.release(room.place);
}

function viewed<Place>({ inputs: [input] }: Node, rooms: ReadonlyMap<Value, Room<Place>>, elsewhere: Room<Place>): Room<Place> {
  return (input && rooms.get(input)) ?? elsewhere;
}

/** The room of one of the node's inputs that its output may be written over. */
function overwritten<Place>(
  { op, inputs }: Node,
  bytes: number,
  rooms: ReadonlyMap<Value, Room<Place>>,
  isReusable: (value: Value) => boolean,
): Room<Place> | undefined {
  if (!IN_PLACE.has(op)) return undefined;
  return inputs
    .flatMap((input) => (input && isReusable(input) ? (rooms.get(input) ?? []) : []))
    .find((room) => room.users === 1 && room.bytes === bytes);
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
function withWorkspace<Place>({ op, inputs: [x] }: Node, bytesOf: (value: Value) => number, keeper: RoomKeeper<Place>): void {
  if (op === 'ReduceLogSumExp' && x) keeper.release(keeper.allocate(bytesOf(x)));
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
