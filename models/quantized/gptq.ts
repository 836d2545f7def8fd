import { InputError } from '../../engine/errors.js';
import type { TensorInfo } from '../safetensors.js';
import { codeAt, packCodes, packedBytes, type Bits, type PackedWeight } from './packed.js';
import { readFloats, readInt32, readRaw, tensorOf, type Tensors } from './raw.js';
import type { GptqSettings } from './settings.js';

const WORD_BITS = 32;

/** The tensors of a linear layer that GPTQ quantised. */
interface GptqTensors {
  /** [inputs bits / 32, outputs]: codes along the inputs, the first in the lowest bits. */
  readonly qweight: TensorInfo;
  /** [groups, outputs bits / 32]: zero points along the outputs. */
  readonly qzeros: TensorInfo;
  /** [groups, outputs] */
  readonly scales: TensorInfo;
  /** [inputs]: the group of each; newer writers leave it out where it is input / groupSize. */
  readonly groupIndex: TensorInfo | undefined;
}

/**
 * The weight of a layer, by the layer's name; nothing is read before `read` is called.
 * @throws InputError where a tensor is missing or of another shape or type; `read` does for groups that cannot be.
 */
export function gptqWeight(
  tensors: Tensors,
  layer: string,
  [outputs, inputs]: readonly [number, number],
  settings: GptqSettings,
): { readonly read: () => PackedWeight } {
  const { bits } = settings;
  const groupSize = settings.groupSize === -1 ? inputs : settings.groupSize;
  const groups = Math.ceil(inputs / groupSize);
  const words = (count: number): number => Math.ceil((count * bits) / WORD_BITS);
  const its: GptqTensors = {
    qweight: tensorOf(tensors, `${layer}.qweight`, [words(inputs), outputs], ['I32']),
    qzeros: tensorOf(tensors, `${layer}.qzeros`, [groups, words(outputs)], ['I32']),
    scales: tensorOf(tensors, `${layer}.scales`, [groups, outputs], 'float'),
    groupIndex: tensors.has(`${layer}.g_idx`) ? tensorOf(tensors, `${layer}.g_idx`, [inputs], ['I32', 'I64']) : undefined,
  };
  return { read: () => readWeight(its, { outputs, inputs, bits, groupSize, groups }, settings) };
}

interface Sizes {
  readonly outputs: number;
  readonly inputs: number;
  readonly bits: Bits;
  readonly groupSize: number;
  readonly groups: number;
}

function readWeight(its: GptqTensors, sizes: Sizes, settings: GptqSettings): PackedWeight {
  const { outputs, inputs, bits, groupSize, groups } = sizes;
  const codes = transposedWords(readRaw(its.qweight), its.qweight.shape, packedBytes(inputs, bits));
  const order = its.groupIndex && orderOf(its.groupIndex, sizes);
  return {
    ...{ outputs, inputs, bits, groupSize },
    codes: order ? inOrder(codes, order, sizes) : codes,
    scales: transposed(readFloats(its.scales), groups, outputs),
    zeros: zeroPoints(readRaw(its.qzeros), sizes, settings),
    ...(order && { order }),
  };
}

/** Words [rows, columns] as bytes [columns, rowBytes]: a column's words one after another, less the padding of the last. */
function transposedWords(words: Uint8Array, [rows = 0, columns = 0]: readonly number[], rowBytes: number): Uint8Array {
  const out = new Uint8Array(columns * rowBytes);
  for (let row = 0; row < rows; row++) {
    const bytes = Math.min(4, rowBytes - 4 * row);
    for (let column = 0; column < columns; column++) {
      const from = 4 * (row * columns + column);
      for (let byte = 0; byte < bytes; byte++) out[column * rowBytes + 4 * row + byte] = words[from + byte] ?? 0;
    }
  }
  return out;
}

export function transposed(values: Float32Array, rows: number, columns: number): Float32Array {
  const out = new Float32Array(values.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) out[column * rows + row] = values[row * columns + column] ?? NaN;
  }
  return out;
}

/**
 * Zero points [outputs, groups]. Version 1 stores one less, modulo 2^bits. Some writers say version 1 and store version 2: of symmetric
 * weights all are the middle of the codes, so that the value tells.
 */
function zeroPoints(bytes: Uint8Array, { outputs, bits, groups }: Sizes, { version, symmetric }: GptqSettings): Float32Array {
  const rowBytes = 4 * Math.ceil((outputs * bits) / WORD_BITS);
  const stored = Float32Array.from({ length: outputs * groups }, (_, index) => {
    const [output, group] = [Math.floor(index / groups), index % groups];
    return codeAt(bytes.subarray(group * rowBytes), output, bits);
  });
  const middle = 2 ** (bits - 1);
  const isMislabelled = symmetric && [middle, middle - 1].some((zero) => stored.every((each) => each === zero));
  const added = isMislabelled ? middle - (stored[0] ?? middle) : version === 1 ? 1 : 0;
  return stored.map((zero) => (zero + added) % 2 ** bits);
}

/** The inputs in the order of their groups, or nothing where that is their own. @throws InputError where groups are of other sizes. */
function orderOf(info: TensorInfo, { inputs, groups, groupSize }: Sizes): Int32Array | undefined {
  const raw = info.dtype === 'I32' ? readInt32(info) : Int32Array.from(new BigInt64Array(readRaw(info).buffer), Number);
  if (raw.every((group, input) => group === Math.floor(input / groupSize))) return undefined;
  const members = Array.from({ length: groups }, (): number[] => []);
  for (const [input, group] of raw.entries()) {
    const its = members[group];
    if (!its) throw new InputError(`tensor ${info.name} in ${info.file} puts input ${input} into group ${group}; there are ${groups}`);
    its.push(input);
  }
  const sizeOf = (group: number): number => Math.min(groupSize, inputs - group * groupSize);
  const wrong = members.findIndex((its, group) => its.length !== sizeOf(group));
  if (wrong < 0) return Int32Array.from(members.flat());
  const has = members[wrong]?.length ?? 0;
  throw new InputError(`tensor ${info.name} in ${info.file} puts ${has} inputs into group ${wrong}, which takes ${sizeOf(wrong)}`);
}

function inOrder(codes: Uint8Array, order: Int32Array, { outputs, inputs, bits }: Sizes): Uint8Array {
  const rowBytes = packedBytes(inputs, bits);
  const out = new Uint8Array(codes.length);
  for (let n = 0; n < outputs; n++) {
    const row = codes.subarray(n * rowBytes, (n + 1) * rowBytes);
    out.set(
      packCodes(
        Uint8Array.from(order, (input) => codeAt(row, input, bits)),
        bits,
      ),
      n * rowBytes,
    );
  }
  return out;
}
