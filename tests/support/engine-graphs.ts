import { cpuBackend, type Graph, type Shape, type Tensor } from '../../engine/index.js';
import { resolveShape } from '../../engine/graph/axis-lengths.js';
import type { Real } from '../../engine/index.js';

const backend = cpuBackend(1);

/** Lengths of the named axes in tests. */
const LENGTHS = new Map([
  ['batch', 2],
  ['sequence', 3],
]);

export const dimsOf = (shape: Shape): number[] => resolveShape(shape, LENGTHS);

/** Numbers as a tensor of that real type. */
export function realTensor(real: Real, dims: readonly number[], values: readonly number[]): Tensor {
  return { type: real, dims, data: real === 'float32' ? Float32Array.from(values) : Float64Array.from(values) };
}

/** A graph ready to be run, in whichever precision it was compiled. */
export interface CompiledGraph {
  /** Outputs by name; `feeds` are the graph's real inputs by name. */
  run(feeds: Readonly<Record<string, readonly number[]>>): Promise<Readonly<Record<string, number[]>>>;
  release(): Promise<void>;
}

/** Compiles the graph with its `real` values of that type. */
export async function compileGraph(graph: Graph, real: Real): Promise<CompiledGraph> {
  const session = await backend.compile(graph, real);
  return {
    async run(feeds) {
      const tensors = graph.inputs.map(({ name, shape }) => [name, realTensor(real, dimsOf(shape), feeds[name] ?? [])] as const);
      const outputs = await session.run(Object.fromEntries(tensors));
      return Object.fromEntries(Object.entries(outputs).map(([name, { data }]) => [name, Array.from(data, Number)]));
    },
    release: () => session.release(),
  };
}

/** Compiles the graph, runs it once and gives its outputs, none where it has none. */
export async function evaluate(graph: Graph, real: Real, feeds: Readonly<Record<string, readonly number[]>> = {}) {
  if (graph.outputs.size === 0) return {};
  const compiled = await compileGraph(graph, real);
  const outputs = await compiled.run(feeds);
  await compiled.release();
  return outputs;
}
