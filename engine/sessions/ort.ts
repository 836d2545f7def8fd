import { createRequire } from 'node:module';
import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import type { Session, Tensor, Tensors } from './session.js';

/** Of onnxruntime-node. */
export const { version } = createRequire(import.meta.url)('onnxruntime-node/package.json') as { version: string };

// From 1.29 on ONNX Runtime reports its use to Microsoft, which takes threads, memory and files, unless told not to before its first session.
process.env.ORT_DISABLE_TELEMETRY ??= '1';

/** A session of ONNX Runtime whose inputs and outputs are in the host's memory. */
export async function ortSession(model: Uint8Array, options: InferenceSession.SessionOptions): Promise<Session> {
  const session = await InferenceSession.create(model, options);
  return {
    async run(inputs: Tensors, into: Tensors = {}): Promise<Tensors> {
      const fetches = Object.fromEntries(session.outputNames.map((name) => [name, into[name] ? toOrt(into[name]) : null]));
      const results = await session.run(toOrtAll(inputs), fetches);
      return results as unknown as Tensors;
    },
    release: () => session.release(),
  };
}

function toOrt(tensor: Tensor): OrtTensor {
  return new OrtTensor(tensor.type, tensor.data as Float32Array, tensor.dims);
}

function toOrtAll(tensors: Tensors): Record<string, OrtTensor> {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, toOrt(tensor)]));
}
