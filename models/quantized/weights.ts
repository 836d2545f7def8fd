import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ElementRange, Heap, Pointer } from '../../engine/index.js';
import { isSet } from '../config.js';
import { readJsonObject } from '../json.js';
import type { StoredTensor } from '../read-tensors.js';
import { aqlmWeight } from './aqlm.js';
import { sumVectors } from './codebooks.js';
import { gptqWeight } from './gptq.js';
import { dequantize } from './packed.js';
import type { Tensors } from './raw.js';
import { QUANTIZATION_FIELD, quantizationSettings, type QuantizationSettings } from './settings.js';

/** AutoGPTQ's own file, beside config.json. */
export const QUANTIZE_CONFIG = 'quantize_config.json';
const SUFFIX = '.weight';

/** The quantised weights of a checkpoint. */
export interface QuantizedWeights {
  readonly settings: QuantizationSettings;
  /**
   * The values of the weight [outputs, inputs] of that name, where it is there quantised.
   * @throws InputError where its tensors do not fit each other
   */
  source(name: string, shape: readonly number[], tensors: Tensors): StoredTensor | undefined;
}

/**
 * How a folder's weights are quantised, where they are.
 * @throws InputError where that is not supported.
 */
export function quantizedWeights(
  folder: string,
  config: Readonly<Record<string, unknown>>,
  configFile: string,
): QuantizedWeights | undefined {
  const own = join(folder, QUANTIZE_CONFIG);
  const isOwn = !isSet(config[QUANTIZATION_FIELD]) && existsSync(own);
  const settings = quantizationSettings(isOwn ? readJsonObject(own) : config[QUANTIZATION_FIELD], isOwn ? own : configFile);
  if (!settings) return undefined;
  const marker = settings.method === 'gptq' ? '.qweight' : '.codes';
  return {
    settings,
    source(name, shape, tensors) {
      const layer = name.slice(0, -SUFFIX.length);
      if (!name.endsWith(SUFFIX) || !tensors.has(layer + marker)) return undefined;
      const [outputs = NaN, inputs = NaN] = shape;
      return dequantized(outputs * inputs, valuesOf(tensors, layer, [outputs, inputs], settings));
    },
  };
}

function valuesOf(
  tensors: Tensors,
  layer: string,
  shape: readonly [number, number],
  settings: QuantizationSettings,
): (out: Float32Array) => void {
  if (settings.method === 'aqlm') {
    const codebooks = aqlmWeight(tensors, layer, shape, settings);
    return (out) => {
      sumVectors(codebooks.read(), out);
    };
  }
  const { read } = gptqWeight(tensors, layer, shape, settings);
  return (out) => {
    dequantize(read(), out);
  };
}

/** Values that are made all at once, wherever some of them are wanted. */
function dequantized(count: number, make: (out: Float32Array) => void): StoredTensor {
  return {
    count,
    read(ranges: readonly ElementRange[], heap: Heap, out: Pointer) {
      const [first] = ranges;
      if (first?.count === count) {
        make(heap.floats(out, count));
        return;
      }
      const all = new Float32Array(count);
      make(all);
      let to = out;
      for (const range of ranges) {
        heap.floats(to, range.count).set(all.subarray(range.first, range.first + range.count));
        to += 4 * range.count;
      }
    },
  };
}
