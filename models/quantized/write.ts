import type { RawTensor } from '../safetensors.js';
import { narrowToFloat16 } from '../float16.js';
import type { CodebookWeight } from './codebooks.js';
import { codeAt, groupsOf, packCodes, packedBytes, type Bits, type PackedWeight } from './packed.js';

const WORD_BYTES = 4;

/** The tensors that a packed layer is stored as by GPTQ: in version 1 with zero points less one, in version 2 as they are. */
export function gptqTensors(layer: string, packed: PackedWeight, version: 1 | 2): RawTensor[] {
  const { outputs, inputs, bits, groupSize, scales, order } = packed;
  const groups = groupsOf(packed);
  const [rows, columns] = [wordsOf(inputs, bits), wordsOf(outputs, bits)];
  return [
    int32(
      `${layer}.qweight`,
      [rows, outputs],
      words(packed.order ? byInput(packed, packed.order) : packed.codes, outputs, packedBytes(inputs, bits)),
    ),
    int32(`${layer}.qzeros`, [groups, columns], zeroWords(packed, version)),
    float16(`${layer}.scales`, [groups, outputs], byGroup(scales, outputs, groups)),
    int32(`${layer}.g_idx`, [inputs], new Uint8Array(groupIndex(inputs, groupSize, order).buffer)),
  ];
}

/** The tensors that a layer of codebooks is stored as by AQLM. */
export function aqlmTensors(layer: string, weight: CodebookWeight): RawTensor[] {
  const { outputs, inputs, outGroup, inGroup, count, bits, codes, codebooks, scales } = weight;
  const rows = outputs / outGroup;
  return [
    // Codes are signed: from half of their number on they are negative.
    {
      ...{ name: `${layer}.codes`, shape: [rows, inputs / inGroup, count], dtype: 'I8' },
      bytes: new Uint8Array(Int8Array.from(codes).buffer),
    },
    float16(`${layer}.codebooks`, [count, 2 ** bits, outGroup, inGroup], codebooks),
    float16(`${layer}.scales`, [rows, 1, 1, 1], scales),
  ];
}

const wordsOf = (count: number, bits: Bits): number => Math.ceil(packedBytes(count, bits) / WORD_BYTES);

const int32 = (name: string, shape: readonly number[], bytes: Uint8Array): RawTensor => ({ name, shape, dtype: 'I32', bytes });

function float16(name: string, shape: readonly number[], values: Float32Array): RawTensor {
  const halves = new Uint16Array(values.length);
  narrowToFloat16(new Uint32Array(values.slice().buffer), halves);
  return { name, shape, dtype: 'F16', bytes: new Uint8Array(halves.buffer) };
}

/** Bytes [columns, rowBytes] as words [rows, columns]. */
function words(bytes: Uint8Array, columns: number, rowBytes: number): Uint8Array {
  const rows = Math.ceil(rowBytes / WORD_BYTES);
  const out = new Uint8Array(WORD_BYTES * rows * columns);
  for (let column = 0; column < columns; column++) {
    for (let byte = 0; byte < rowBytes; byte++) {
      const row = Math.floor(byte / WORD_BYTES);
      out[WORD_BYTES * (row * columns + column) + (byte % WORD_BYTES)] = bytes[column * rowBytes + byte] ?? 0;
    }
  }
  return out;
}

function byInput({ outputs, inputs, bits, codes }: PackedWeight, order: Int32Array): Uint8Array {
  const rowBytes = packedBytes(inputs, bits);
  const out = new Uint8Array(codes.length);
  const row = new Uint8Array(inputs);
  for (let n = 0; n < outputs; n++) {
    const places = codes.subarray(n * rowBytes, (n + 1) * rowBytes);
    order.forEach((input, place) => (row[input] = codeAt(places, place, bits)));
    out.set(packCodes(row, bits), n * rowBytes);
  }
  return out;
}

function zeroWords(packed: PackedWeight, version: 1 | 2): Uint8Array {
  const { outputs, bits, zeros } = packed;
  const groups = groupsOf(packed);
  const added = version === 1 ? 2 ** bits - 1 : 0;
  const rowBytes = WORD_BYTES * wordsOf(outputs, bits);
  const out = new Uint8Array(groups * rowBytes);
  for (let group = 0; group < groups; group++) {
    const stored = Uint8Array.from({ length: outputs }, (_, n) => ((zeros[n * groups + group] ?? NaN) + added) % 2 ** bits);
    out.set(packCodes(stored, bits), group * rowBytes);
  }
  return out;
}

const byGroup = (scales: Float32Array, outputs: number, groups: number): Float32Array =>
  Float32Array.from(scales, (_, at) => scales[(at % outputs) * groups + Math.floor(at / outputs)] ?? NaN);

function groupIndex(inputs: number, groupSize: number, order: Int32Array | undefined): Int32Array {
  const groups = new Int32Array(inputs);
  for (let place = 0; place < inputs; place++) groups[order ? (order[place] ?? NaN) : place] = Math.floor(place / groupSize);
  return groups;
}
