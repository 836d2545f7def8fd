import { createRequire } from 'node:module';
import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import type { Graph, Real } from '../graph/graph.js';
import { encodeOnnx } from './onnx.js';
import type { Backend, Session, Tensor, Tensors } from './session.js';

const { version } = createRequire(import.meta.url)('onnxruntime-node/package.json') as { version: string };

// From 1.29 on ONNX Runtime reports its use to Microsoft, which takes threads, memory and files, unless told not to before its first session.
process.env.ORT_DISABLE_TELEMETRY ??= '1';

/** ONNX Runtime's CPU provider. */
export function cpuBackend(threads: number): Backend {
  return {
    name: 'onnxruntime-cpu',
    version,
    threads,
    allocate: (count) => new Float32Array(count),
    async compile(graph: Graph, real: Real = 'float32'): Promise<Session> {
      const session = await InferenceSession.create(encodeOnnx(graph, real), {
        executionProviders: ['cpu'],
        intraOpNumThreads: threads,
        interOpNumThreads: 1,
        executionMode: 'sequential',
        // Above `basic`, operators are fused into ones that exist in float32 only.
        graphOptimizationLevel: real === 'float32' ? 'all' : 'basic',
        // With the arena but without memory patterns a step is as fast as with both and peaks at a quarter less.
        enableCpuMemArena: true,
        enableMemPattern: false,
        logSeverityLevel: 3,
        // Every session has threads of its own; while one works, the others' must not spin.
        extra: { session: { intra_op: { allow_spinning: '0' } } },
      });
      return {
        async run(inputs: Tensors, into: Tensors = {}): Promise<Tensors> {
          const fetches = Object.fromEntries(session.outputNames.map((name) => [name, into[name] ? toOrt(into[name]) : null]));
          const results = await session.run(toOrtAll(inputs), fetches);
          return results as unknown as Tensors;
        },
        release: () => session.release(),
      };
    },
  };
}

function toOrt(tensor: Tensor): OrtTensor {
  return new OrtTensor(tensor.type, tensor.data as Float32Array, tensor.dims);
}

function toOrtAll(tensors: Tensors): Record<string, OrtTensor> {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, toOrt(tensor)]));
}
