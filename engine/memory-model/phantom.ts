import { bindDims } from '../graph/axis-lengths.js';
import type { Graph, Node } from '../graph/graph.js';
import type { Heap } from '../kernels/heap.js';
import type { Pointer } from '../kernels/pointer.js';
import { kernelsFrom } from '../kernels/table.js';
import type { ParameterSource } from '../parameters/parameter.js';
import { Parameters } from '../parameters/parameters.js';
import { floats, type Backend, type Session, type Tensor, type Tensors } from '../sessions/session.js';
import { Arena } from './arena.js';
import { executionOrder } from './execution-order.js';
import { InUse, replayAllocations } from './liveness.js';
import { ResultCopies } from './result-copies.js';

// Memory without memory: the code that trains runs on models of which only the sizes exist, and what it allocates is counted.

/** Elements there are to write to, whatever is asked for. */
const REAL_ELEMENTS = 2 ** 20;

const computesNothing = kernelsFrom(() => () => 0);

/** Counts what is allocated, of any size. All pointers see the same few elements, and the kernels do nothing. */
class CountingHeap implements Heap {
  readonly kernels = computesNothing;
  readonly #elements = new Float32Array(REAL_ELEMENTS);
  /** Elements. */
  allocated = 0;

  allocate(count: number): Pointer {
    const pointer = 4 * this.allocated;
    this.allocated += count;
    return pointer;
  }

  allocateArray(count: number): Pointer {
    return this.allocate(count);
  }

  floats(_: Pointer, count: number): Float32Array {
    return this.#elements.subarray(0, count);
  }

  /** Counted together. */
  createEmpty(): this {
    return this;
  }
}

/** Of a streamed parameter: nothing is read. */
export const phantomSource: ParameterSource = {
  read() {
    // Nothing.
  },
};

/** Parameters that have sizes, but no values. */
export class PhantomParameters extends Parameters {
  readonly #heap: CountingHeap;

  constructor(heap = new CountingHeap()) {
    super(heap);
    this.#heap = heap;
  }

  /** Elements of the heap: parameters, optimizer state, scratch. */
  get allocated(): number {
    return this.#heap.allocated;
  }

  /** Nothing is done with the buffer: on billions of parameters it would take minutes to come to nothing. */
  override withBuffers(): void {
    // Nothing.
  }

  override writeDirection(): void {
    // Nothing.
  }
}

/** The memory of a session. Runs of sizes that it has had before take what they took. */
class SessionMemory {
  readonly inUse = new InUse();
  readonly arena = new Arena();
  readonly #order: readonly Node[];
  readonly #seen = new Set<string>();

  constructor(
    readonly graph: Graph,
    readonly realBytes: number,
  ) {
    this.#order = executionOrder(graph);
  }

  run(inputs: Tensors, into: Tensors): void {
    const key = [...Object.entries(inputs).map(([name, { dims }]) => `${name} ${dims.join(' ')}`), ...Object.keys(into)].join();
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    const sizes = { lengths: bindDims(this.graph.inputs, inputs), realBytes: this.realBytes, isGiven: (name: string) => name in into };
    replayAllocations(this.graph, this.graph.nodes, sizes, this.inUse);
    replayAllocations(this.graph, this.#order, sizes, this.arena);
  }
}

/** Runs no graph, but works out what each takes. */
export class PhantomBackend implements Backend {
  readonly name = 'phantom';
  readonly version = '1';
  readonly threads = 1;
  /** Elements that are handed from session to session. */
  activations = 0;
  readonly #sessions: SessionMemory[] = [];
  readonly #copies = new ResultCopies();

  /** @param realBytes - of an element of a graph's real type */
  constructor(readonly realBytes: number) {}

  /** Bytes: the most that a session has in use at a time, its nodes taken in the order that the graph has them in. */
  get inUse(): number {
    return Math.max(0, ...this.#sessions.map(({ inUse }) => inUse.peak));
  }

  /** Bytes of the arenas of all sessions together, with the nodes in ONNX Runtime's order: none gives back what it has once had. */
  get inArenas(): number {
    return this.#sessions.reduce((sum, { arena }) => sum + arena.resident, 0);
  }

  /** Nodes of all compiled graphs. */
  get nodes(): number {
    return this.#sessions.reduce((sum, { graph }) => sum + graph.nodes.length, 0);
  }

  /** Bytes of copies of results that wait for the garbage collector. */
  get inCopies(): number {
    return this.#copies.peak;
  }

  allocate(count: number): Float32Array {
    this.activations += count;
    return new Float32Array(Math.min(count, 1));
  }

  compile(graph: Graph): Promise<Session> {
    const memory = new SessionMemory(graph, this.realBytes);
    this.#sessions.push(memory);
    return Promise.resolve({
      run: (inputs: Tensors, into: Tensors = {}) => {
        memory.run(inputs, into);
        this.#copies.add(Object.keys(inputs).length + Object.keys(into).length, this.#bytesOf(Object.values(into)));
        const outputs = [...graph.outputs.keys()].map((name): [string, Tensor] => [name, into[name] ?? floats([], new Float32Array(1))]);
        return Promise.resolve(Object.fromEntries(outputs));
      },
      release: () => Promise.resolve(),
    });
  }

  #bytesOf(tensors: readonly Tensor[]): number {
    return tensors.reduce((sum, { dims }) => sum + dims.reduce((a, b) => a * b, this.realBytes), 0);
  }
}
