import { ForwardRunner, throughStages, type Backend, type CalibrationBatch } from '../../engine/index.js';
import {
  aqlmTensors,
  dequantize,
  fitCodebooks,
  gptqTensors,
  outputError,
  roundToNearest,
  roundWithHessian,
  sumVectors,
  type Bits,
  type LanguageModel,
  type RawTensor,
} from '../../models/index.js';
import type { METHODS } from './arguments.js';

/** How linear layers become integers or codebooks. */
export interface Quantization {
  readonly method: (typeof METHODS)[number];
  readonly bits: Bits;
  /** Inputs that share a scale; -1: all of them. */
  readonly groupSize: number;
  readonly symmetric: boolean;
  readonly ordered: boolean;
}

/** Readers of version 1 were known to take zero points of their own wrongly, so that some refuse them there. */
export const gptqVersion = ({ symmetric }: Pick<Quantization, 'symmetric'>): 1 | 2 => (symmetric ? 1 : 2);

/** What became of a layer. */
export interface QuantizedLayer {
  readonly weight: string;
  /** Of the layer's outputs on the calibration texts: the squared error over the squared outputs. */
  readonly relativeError: number;
  /** Of rounding each weight to the nearest code. */
  readonly relativeErrorOfNearest: number;
}

/** GPTQ's usual share of the Hessian's mean diagonal. */
const DAMPING = 0.01;
const BLOCK = 'block.';
const SUFFIX = '.weight';

/**
 * Quantises the linear layers of a model's blocks, whose parameters become what a reader makes of the result: a block is calibrated on
 * what the quantised ones before it give.
 * @returns the tensors to store, and each layer's error
 */
export async function quantizeModel(
  model: LanguageModel,
  backend: Backend,
  batches: readonly CalibrationBatch[],
  quantization: Quantization,
): Promise<{ readonly tensors: readonly RawTensor[]; readonly layers: readonly QuantizedLayer[] }> {
  const { parameters } = model;
  const runner = new ForwardRunner(backend, parameters);
  const tensors: RawTensor[] = [];
  const layers: QuantizedLayer[] = [];
  await throughStages(runner, model.architecture.stages, batches, (stage, grams) => {
    if (!stage.name.startsWith(BLOCK)) return;
    for (const [name, gram] of grams) {
      const parameter = parameters.get(name);
      const [outputs = NaN, inputs = NaN] = parameter.shape;
      const values = parameters.values(parameter);
      const weight = { outputs, inputs, values: values.slice() };
      const made = quantizedWeight(name.slice(0, -SUFFIX.length), weight, gram, quantization);
      const nearest = new Float32Array(values.length);
      dequantize(roundToNearest(weight, quantization), nearest);
      made.write(values);
      tensors.push(...made.tensors);
      const size = outputError(weight.values, new Float32Array(values.length), inputs, gram);
      const relative = (after: Float32Array): number => outputError(weight.values, after, inputs, gram) / size;
      layers.push({ weight: name, relativeError: relative(values), relativeErrorOfNearest: relative(nearest) });
    }
  });
  await runner.release();
  return { tensors, layers };
}

interface Made {
  readonly tensors: readonly RawTensor[];
  readonly write: (out: Float32Array) => void;
}

function quantizedWeight(
  layer: string,
  weight: Parameters<typeof roundToNearest>[0],
  gram: Float64Array,
  { method, ordered, ...settings }: Quantization,
): Made {
  if (method === 'codebook') {
    const codebooks = fitCodebooks(weight, settings.bits);
    return {
      tensors: aqlmTensors(layer, codebooks),
      write: (out) => {
        sumVectors(codebooks, out);
      },
    };
  }
  const packed =
    method === 'rtn' ? roundToNearest(weight, settings) : roundWithHessian(weight, settings, gram, { damping: DAMPING, ordered });
  return {
    tensors: gptqTensors(layer, packed, gptqVersion(settings)),
    write: (out) => {
      dequantize(packed, out);
    },
  };
}
