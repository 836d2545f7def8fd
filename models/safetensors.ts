import fs from 'node:fs';
import { z } from 'zod';
import { type Append, bytesText, firstIssue, InputError, MIB, withInput, writeWhole } from '../engine/index.js';
import { fill } from './files.js';
import { narrowToBfloat16, narrowToFloat16 } from './float16.js';

/*
 * The safetensors format: 8 bytes header length (little-endian), a JSON header, then the tensors' bytes, row-major and
 * little-endian. data_offsets count from the end of the header.
 */

/** Where one tensor lies. */
export interface TensorInfo {
  readonly name: string;
  /** As the file spells it: F32, F16, BF16, I64, ... */
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly file: string;
  /** The data's first byte, counted from the start of the file. */
  readonly start: number;
  readonly byteLength: number;
}

/** A tensor to write; data is row-major and has as many elements as the shape says. */
export interface TensorData {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** A tensor to write as it is; `bytes` are its elements, row-major and little-endian. */
export interface RawTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly bytes: Uint8Array;
}

/** The element types that can be read and written. */
export type StorageType = 'F32' | 'F16' | 'BF16';

const METADATA = '__metadata__';
const LENGTH_BYTES = 8;
const HEADER_LIMIT_BYTES = 100 * MIB;
const CHUNK_BYTES = 4 << 20;

/** Of the element types other than F32, F16 and BF16 only the size matters: such tensors are listed, not read. */
const ELEMENT_BYTES: Readonly<Record<string, number | undefined>> = {
  F64: 8,
  I64: 8,
  U64: 8,
  C64: 8,
  F32: 4,
  I32: 4,
  U32: 4,
  F16: 2,
  BF16: 2,
  I16: 2,
  U16: 2,
  F8_E4M3: 1,
  F8_E5M2: 1,
  F8_E8M0: 1,
  I8: 1,
  U8: 1,
  BOOL: 1,
};

const headerSchema = z.record(z.string(), z.unknown());
const size = z.int().nonnegative();
const entrySchema = z.object({ dtype: z.string(), shape: z.array(size), data_offsets: z.tuple([size, size]) });

/**
 * The tensors of a file in the order of their data. Everything the header says is checked against the file's size
 * before anything is allocated for it.
 * @throws InputError where the file is missing, cut short or contradicts itself.
 */
export function readSafetensorsHeader(file: string): TensorInfo[] {
  return withInput(file, (descriptor) => {
    const fileBytes = fs.fstatSync(descriptor).size;
    const headerBytes = readHeaderLength(file, descriptor, fileBytes);
    const dataStart = LENGTH_BYTES + headerBytes;
    const entries = Object.entries(parseHeader(file, readBytes(descriptor, file, LENGTH_BYTES, headerBytes)));
    const tensors = entries
      .filter(([name]) => name !== METADATA)
      .map(([name, entry]) => tensorInfo(file, name, entry, dataStart, fileBytes));
    const sorted = inDataOrder(tensors);
    checkGapless(file, sorted, dataStart, fileBytes);
    return sorted;
  });
}

/**
 * Writes tensors in sorted name order, numbers rounded to nearest even. The file appears complete or not at all.
 * @throws RangeError for a name used twice or reserved, or data that do not fit the shape.
 */
export function writeSafetensors(
  file: string,
  tensors: readonly (TensorData | RawTensor)[],
  dtype: StorageType,
  metadata?: Readonly<Record<string, string>>,
): void {
  const sorted = [...tensors].sort((a, b) => (a.name < b.name ? -1 : 1));
  const header = encodeHeader(sorted, dtype, metadata);
  writeWhole(file, (append) => writeContents(append, header, sorted, dtype));
}

/** The number of elements of a shape; an imprecise result is above 2^53 and so equals no size that a file can have. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, extent) => product * extent, 1);
}

function readHeaderLength(file: string, descriptor: number, fileBytes: number): number {
  if (fileBytes < LENGTH_BYTES) {
    throw new InputError(`${file} is no safetensors file: it has ${fileBytes} bytes, the header length alone takes 8`);
  }
  const claimed = readBytes(descriptor, file, 0, LENGTH_BYTES).readBigUInt64LE();
  if (claimed > HEADER_LIMIT_BYTES) {
    throw new InputError(
      `${file} is no safetensors file: its header claims ${claimed} bytes, at most ${bytesText(HEADER_LIMIT_BYTES)} are allowed`,
    );
  }
  const length = Number(claimed);
  if (length > fileBytes - LENGTH_BYTES) {
    throw new InputError(`${file} is cut short: header of ${length} bytes in a file of ${fileBytes}; fetch it again`);
  }
  return length;
}

function parseHeader(file: string, bytes: Buffer): Record<string, unknown> {
  try {
    return headerSchema.parse(JSON.parse(bytes.toString('utf8')));
  } catch {
    throw new InputError(`${file} is no safetensors file: its header is not a JSON object`);
  }
}

function tensorInfo(file: string, name: string, entry: unknown, dataStart: number, fileBytes: number): TensorInfo {
  const parsed = entrySchema.safeParse(entry);
  if (!parsed.success) {
    throw new InputError(`${file}: tensor ${name}: ${firstIssue(parsed.error)}`);
  }
  const { dtype, shape, data_offsets: offsets } = parsed.data;
  const [begin, end] = offsets;
  const dataBytes = fileBytes - dataStart;
  if (begin > end || end > dataBytes) {
    throw new InputError(
      `${file}: tensor ${name}: data_offsets [${begin}, ${end}] do not lie in the ${dataBytes} bytes of data; fetch it again`,
    );
  }
  const elementBytes = ELEMENT_BYTES[dtype];
  if (elementBytes !== undefined && elementCount(shape) * elementBytes !== end - begin) {
    throw new InputError(`${file}: tensor ${name}: shape [${shape.join(', ')}] of ${dtype} does not take ${end - begin} bytes`);
  }
  return { name, dtype, shape, file, start: dataStart + begin, byteLength: end - begin };
}

function inDataOrder(tensors: readonly TensorInfo[]): TensorInfo[] {
  const sorted = [...tensors].sort((a, b) => a.start - b.start || a.byteLength - b.byteLength);
  for (const [index, next] of sorted.slice(1).entries()) {
    const previous = sorted[index];
    if (previous && previous.start + previous.byteLength > next.start) {
      throw new InputError(`${next.file}: the data of tensors ${previous.name} and ${next.name} overlap`);
    }
  }
  return sorted;
}

/** As the reference implementation: bytes that belong to no tensor could be anything. */
function checkGapless(file: string, sorted: readonly TensorInfo[], dataStart: number, fileBytes: number): void {
  let end = dataStart;
  for (const { name, start, byteLength } of sorted) {
    if (start !== end) throw new InputError(`${file}: ${start - end} bytes before tensor ${name} belong to no tensor`);
    end += byteLength;
  }
  if (end !== fileBytes) throw new InputError(`${file}: the last ${fileBytes - end} bytes belong to no tensor; fetch it again`);
}

function encodeHeader(
  tensors: readonly (TensorData | RawTensor)[],
  dtype: StorageType,
  metadata: Readonly<Record<string, string>> | undefined,
): Buffer {
  const entries = new Map<string, unknown>(metadata && [[METADATA, metadata]]);
  let end = 0;
  for (const tensor of tensors) {
    const { name, shape } = tensor;
    if (entries.has(name) || name === METADATA) throw new RangeError(`tensor name ${name} is taken`);
    const stored = 'bytes' in tensor ? tensor.dtype : dtype;
    const elementBytes = ELEMENT_BYTES[stored] ?? NaN;
    const count = 'bytes' in tensor ? tensor.bytes.length / elementBytes : tensor.data.length;
    if (elementCount(shape) !== count) {
      throw new RangeError(`tensor ${name}: shape [${shape.join(', ')}] does not fit ${count} elements`);
    }
    const begin = end;
    end += count * elementBytes;
    entries.set(name, { dtype: stored, shape, data_offsets: [begin, end] });
  }
  const json = Buffer.from(JSON.stringify(Object.fromEntries(entries)));
  // Spaces up to a multiple of 8 keep the data aligned.
  return Buffer.concat([json, Buffer.alloc(-json.length & 7, ' ')]);
}

function writeContents(append: Append, header: Buffer, tensors: readonly (TensorData | RawTensor)[], dtype: StorageType): void {
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeBigUInt64LE(BigInt(header.length));
  append(length);
  append(header);
  for (const tensor of tensors) {
    if ('bytes' in tensor) append(tensor.bytes);
    else if (dtype === 'F32') append(new Uint8Array(tensor.data.buffer, tensor.data.byteOffset, tensor.data.byteLength));
    else writeHalves(append, tensor.data, dtype === 'F16' ? narrowToFloat16 : narrowToBfloat16);
  }
}

function writeHalves(append: Append, data: Float32Array, narrow: (from: Uint32Array, into: Uint16Array) => void): void {
  const bits = bitsOf(data);
  const buffer = new Uint16Array(Math.min(bits.length, CHUNK_BYTES / 2));
  for (let at = 0; at < bits.length; at += buffer.length) {
    const chunk = buffer.subarray(0, bits.length - at);
    narrow(bits.subarray(at, at + chunk.length), chunk);
    append(new Uint8Array(chunk.buffer, 0, chunk.byteLength));
  }
}

function bitsOf(values: Float32Array): Uint32Array {
  return new Uint32Array(values.buffer, values.byteOffset, values.length);
}

function readBytes(descriptor: number, file: string, position: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  fill(descriptor, file, position, bytes);
  return bytes;
}
