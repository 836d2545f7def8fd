import type { Graph, Real } from '../graph/graph.js';

export type TensorData = Float32Array | Float64Array | BigInt64Array | Uint8Array;

/** Numbers in the host's memory. `data` may be a view on a kernel heap: sessions neither copy nor keep it. */
export interface Tensor {
  readonly type: Real | 'int64' | 'bool';
  readonly dims: readonly number[];
  readonly data: TensorData;
}

export type Tensors = Readonly<Record<string, Tensor>>;

/** A compiled graph. */
export interface Session {
  /** Runs the graph. Outputs named in `into` are written there (dims must match), the others into new memory. */
  run(inputs: Tensors, into?: Tensors): Promise<Tensors>;
  release(): Promise<void>;
}

/** What executes graphs. */
export interface Backend {
  readonly name: string;
  readonly version: string;
  readonly threads: number;
  /** Memory for what runs of sessions hand on to others. */
  allocate(count: number): Float32Array;
  compile(graph: Graph, real?: Real): Promise<Session>;
}

export function floats(dims: readonly number[], data: Float32Array): Tensor {
  return { type: 'float32', dims, data };
}

export function integers(dims: readonly number[], data: ArrayLike<number>): Tensor {
  const out = new BigInt64Array(data.length);
  for (let i = 0; i < data.length; i++) out[i] = BigInt(data[i] ?? 0);
  return { type: 'int64', dims, data: out };
}

/** The output of that name, as float32 data. Throws where the session gave none. */
export function float32Of(tensors: Tensors, name: string): Float32Array {
  const data = tensors[name]?.data;
  if (!(data instanceof Float32Array)) throw new Error(`no float32 output ${name}`);
  return data;
}
