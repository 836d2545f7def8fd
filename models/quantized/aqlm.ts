import type { TensorInfo } from '../safetensors.js';
import { readFloats, readRaw, tensorOf, type Tensors } from './raw.js';
import type { AqlmSettings } from './settings.js';

/**
 * The weight [outputs, inputs] of a layer: W = scale times the sum over the codebooks of the vector [outGroup, inGroup] that the code names.
 * Nothing is read before the values are wanted.
 * @throws InputError where a tensor is missing or of another shape or type.
 */
export function aqlmWeight(
  tensors: Tensors,
  layer: string,
  [outputs, inputs]: readonly [number, number],
  settings: AqlmSettings,
): (out: Float32Array) => void {
  const { codebooks: count, bits, outGroup, inGroup } = settings;
  const [rows, columns] = [outputs / outGroup, inputs / inGroup];
  const codes = tensorOf(tensors, `${layer}.codes`, [rows, columns, count], ['I8', 'I16']);
  const codebooks = tensorOf(tensors, `${layer}.codebooks`, [count, 2 ** bits, outGroup, inGroup], 'float');
  const scales = tensorOf(tensors, `${layer}.scales`, [rows, 1, 1, 1], 'float');
  return (out) => {
    const vectors = { values: readFloats(codebooks), scales: readFloats(scales), codes: readCodes(codes, bits) };
    for (let row = 0; row < rows; row++) for (let column = 0; column < columns; column++) addVectors(row, column);
    function addVectors(row: number, column: number): void {
      for (let c = 0; c < count; c++) {
        const code = vectors.codes[(row * columns + column) * count + c] ?? NaN;
        const from = (c * 2 ** bits + code) * outGroup * inGroup;
        for (let i = 0; i < outGroup; i++) {
          const to = (row * outGroup + i) * inputs + column * inGroup;
          for (let j = 0; j < inGroup; j++) {
            const before = c === 0 ? 0 : (out[to + j] ?? NaN);
            out[to + j] = before + (vectors.scales[row] ?? NaN) * (vectors.values[from + i * inGroup + j] ?? NaN);
          }
        }
      }
    }
  };
}

/** Codes are stored as signed integers: they count modulo 2^bits. */
function readCodes(info: TensorInfo, bits: number): Int32Array {
  const raw = readRaw(info);
  const signed = info.dtype === 'I8' ? new Int8Array(raw.buffer) : new Int16Array(raw.buffer);
  return Int32Array.from(signed, (code) => code & (2 ** bits - 1));
}
