import { InputError } from '../../engine/errors.js';
import { withInput } from '../../engine/input-file.js';
import { WasmHeap } from '../../engine/index.js';
import { fill } from '../files.js';
import { readableType, readElements, whole } from '../read-tensors.js';
import { elementCount, type TensorInfo } from '../safetensors.js';

/** The bytes of a tensor. @throws InputError where the file has become shorter. */
export function readRaw({ file, start, byteLength }: TensorInfo): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(byteLength);
  withInput(file, (descriptor) => {
    fill(descriptor, file, start, bytes);
  });
  return bytes;
}

/** The elements of an int32 tensor. */
export const readInt32 = (info: TensorInfo): Int32Array => new Int32Array(readRaw(info).buffer);

/** The elements of a tensor of floating-point numbers. */
export function readFloats(info: TensorInfo): Float32Array {
  const heap = new WasmHeap();
  const count = elementCount(info.shape);
  const out = heap.allocate(count);
  readElements(info, whole(info), heap, out);
  return heap.floats(out, count).slice();
}

/** The tensors of a checkpoint by name. */
export type Tensors = ReadonlyMap<string, TensorInfo>;

/** A tensor of that name and shape. @throws InputError where it is missing or another. */
export function tensorOf(tensors: Tensors, name: string, shape: readonly number[], types: readonly string[] | 'float'): TensorInfo {
  const info = tensors.get(name);
  if (!info) throw new InputError(`tensor ${name} is missing beside the others of its quantised layer`);
  if (info.shape.length !== shape.length || info.shape.some((extent, axis) => extent !== shape[axis])) {
    const [has, needs] = [info.shape, shape].map((extents) => `[${extents.join(', ')}]`);
    throw new InputError(`tensor ${name} in ${info.file} has shape ${has ?? ''}, the model and its quantisation need ${needs ?? ''}`);
  }
  if (types === 'float') readableType(info);
  else if (!types.includes(info.dtype)) throw new InputError(`tensor ${name} in ${info.file} is ${info.dtype}, not ${types.join(' or ')}`);
  return info;
}
