import type { TensorInfo } from '../safetensors.js';
import type { CodebookWeight } from './codebooks.js';
import { readFloats, readRaw, tensorOf, type Tensors } from './raw.js';
import type { AqlmSettings } from './settings.js';

/**
 * The weight of a layer, by the layer's name; nothing is read before `read` is called.
 * @throws InputError where a tensor is missing or of another shape or type.
 */
export function aqlmWeight(
  tensors: Tensors,
  layer: string,
  [outputs, inputs]: readonly [number, number],
  settings: AqlmSettings,
): { readonly read: () => CodebookWeight } {
  const { codebooks: count, bits, outGroup, inGroup } = settings;
  const [rows, columns] = [outputs / outGroup, inputs / inGroup];
  const codes = tensorOf(tensors, `${layer}.codes`, [rows, columns, count], ['I8', 'I16']);
  const codebooks = tensorOf(tensors, `${layer}.codebooks`, [count, 2 ** bits, outGroup, inGroup], 'float');
  const scales = tensorOf(tensors, `${layer}.scales`, [rows, 1, 1, 1], 'float');
  return {
    read: () => ({
      ...{ outputs, inputs, outGroup, inGroup, count, bits },
      codes: readCodes(codes, bits),
      codebooks: readFloats(codebooks),
      scales: readFloats(scales),
    }),
  };
}

/** Codes are stored as signed integers: they count modulo 2^bits. */
function readCodes(info: TensorInfo, bits: number): Int32Array {
  const raw = readRaw(info);
  const signed = info.dtype === 'I8' ? new Int8Array(raw.buffer) : new Int16Array(raw.buffer);
  return Int32Array.from(signed, (code) => code & (2 ** bits - 1));
}
