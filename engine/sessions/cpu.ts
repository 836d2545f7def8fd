import type { Graph, Real } from '../graph/graph.js';
import { encodeOnnx } from './onnx.js';
import { ortSession, version } from './ort.js';
import type { Backend, Session } from './session.js';

/** ONNX Runtime's CPU provider. */
export function cpuBackend(threads: number): Backend {
  return {
    name: 'onnxruntime-cpu',
    version,
    threads,
    allocate: (count) => new Float32Array(count),
    compile(graph: Graph, real: Real = 'float32'): Promise<Session> {
      return ortSession(encodeOnnx(graph, real), {
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
    },
  };
}
