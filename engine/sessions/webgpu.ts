import { InputError } from '../errors.js';
import { Graph, type Node, type Real } from '../graph/graph.js';
import { add } from '../graph/operators.js';
import { Lowered } from './lowering.js';
import { encodeOnnx } from './onnx.js';
import { ortSession, version } from './ort.js';
import { floats, type Backend, type Session } from './session.js';

/**
 * ONNX Runtime's WebGPU provider, on the adapter that Dawn prefers. What a graph takes and gives crosses to and from the device in each run.
 * @throws InputError where no adapter is found
 */
export async function webgpuBackend(): Promise<Backend> {
  const backend: Backend = {
    name: 'onnxruntime-webgpu',
    version,
    threads: 1,
    allocate: (count) => new Float32Array(count),
    compile(graph: Graph, real: Real = 'float32'): Promise<Session> {
      if (real !== 'float32') throw new Error('the WebGPU provider computes in float32 alone');
      requireOnDevice(graph);
      return ortSession(encodeOnnx(graph, real, 'webgpu'), {
        executionProviders: ['webgpu'],
        intraOpNumThreads: 1,
        interOpNumThreads: 1,
        logSeverityLevel: 3,
      });
    },
  };
  await tryOut(backend);
  return backend;
}

/** What the provider runs on the device, of the operators that graphs here are made of or lowered to. */
const ON_DEVICE = new Set([
  ...['Abs', 'Add', 'Div', 'Erf', 'Exp', 'Greater', 'Less', 'Log', 'Mul', 'Neg', 'Reciprocal', 'Relu', 'Sigmoid', 'Sqrt', 'Sub', 'Where'],
  ...['ReduceMax', 'ReduceMean', 'ReduceSum', 'Softmax', 'Gelu', 'Gemm', 'MatMul', 'LayerNormalization'],
  ...['Concat', 'Expand', 'Gather', 'Pad', 'Reshape', 'ScatterND', 'Slice', 'Transpose', 'Unsqueeze'],
]);

/** @throws Error naming an operator on real numbers that would run on the CPU, unnoticed */
function requireOnDevice(graph: Graph): void {
  const isReal = ({ outputs }: Node): boolean => outputs.some(({ dtype }) => dtype === 'real');
  const elsewhere = new Lowered(graph, 'float32', 'webgpu').nodes.find((node) => isReal(node) && !ON_DEVICE.has(node.op));
  if (elsewhere) throw new Error(`the WebGPU provider has no ${elsewhere.op}: it would run on the CPU`);
}

/** Adds two numbers. */
async function tryOut(backend: Backend): Promise<void> {
  const graph = new Graph();
  const x = graph.input('x', 'real', [1]);
  graph.output('sum', add(x, x));
  try {
    const session = await backend.compile(graph);
    await session.run({ x: floats([1], Float32Array.of(1)) });
    await session.release();
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    const says = /adapter/i.test(reason) ? 'no graphics adapter is found' : reason;
    throw new InputError(`WebGPU does not start (${says}): it needs a driver for Vulkan, Metal or Direct3D 12 (docs/backends.md)`);
  }
}
