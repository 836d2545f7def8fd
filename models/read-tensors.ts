import { InputError } from '../engine/errors.js';
import { openInput, withInput } from '../engine/input-file.js';
import type { ElementRange, Heap, Kernels, ParameterSource, Pointer } from '../engine/index.js';
import { fill, fillFrom } from './files.js';
import { elementCount, type TensorInfo } from './safetensors.js';

/** A parameter's values that can be read. */
export interface StoredTensor extends ParameterSource {
  /** How many there are. */
  readonly count: number;
  /** The tensor that they are in, element by element; there is none where they are made of several. */
  readonly plain?: PlainTensor;
}

interface PlainTensor {
  readonly info: TensorInfo;
  /** Makes the values out of what has been read of the tensor, in place. */
  readonly finish: ParameterSource['read'];
}

/** The values that `finish` makes of a tensor, by default just those. */
export const storedTensor = (info: TensorInfo, finish: PlainTensor['finish'] = () => undefined): StoredTensor => ({
  count: elementCount(info.shape),
  plain: { info, finish },
  read(ranges, heap, out) {
    readElements(info, ranges, heap, out);
    finish(ranges, heap, out);
  },
});

/** What `change` makes of stored values, in place. */
export function changedTensor(stored: StoredTensor, change: PlainTensor['finish']): StoredTensor {
  const inTurn =
    (first: PlainTensor['finish']): PlainTensor['finish'] =>
    (ranges, heap, out) => {
      first(ranges, heap, out);
      change(ranges, heap, out);
    };
  if (stored.plain) return storedTensor(stored.plain.info, inTurn(stored.plain.finish));
  return {
    count: stored.count,
    read: inTurn((ranges, heap, out) => {
      stored.read(ranges, heap, out);
    }),
  };
}

/** Elements that one go of {@link readElements} takes: what was read is still in a processor's second cache when it is widened. */
const READ_AT_ONCE = 1 << 17;
/** That one of {@link loadTensors} takes: reads that other threads do cost some microseconds each. */
const LOADED_AT_ONCE = 1 << 19;
/** Twice the threads that Node reads files with unless told: none of them waits for the one that widens. */
const READERS = 8;

/** How elements are stored, and the kernel that makes float32 of them. */
interface ReadableType {
  readonly bytes: 2 | 4;
  readonly widen?: keyof Pick<Kernels, 'widenFloat16' | 'widenBfloat16'>;
}

const READABLE: ReadonlyMap<string, ReadableType> = new Map<string, ReadableType>([
  ['F32', { bytes: 4 }],
  ['F16', { bytes: 2, widen: 'widenFloat16' }],
  ['BF16', { bytes: 2, widen: 'widenBfloat16' }],
]);

/** @throws InputError where the elements are of a type that cannot be read. */
export function readableType({ file, name, dtype }: TensorInfo): ReadableType {
  const type = READABLE.get(dtype);
  if (type) return type;
  throw new InputError(`${file}: tensor ${name} is ${dtype}; only F32, F16 and BF16 can be read`);
}

/** A tensor to be read whole, and where to in a heap. */
export interface Wanted extends StoredTensor {
  readonly out: Pointer;
}

interface WantedInfo {
  readonly info: TensorInfo;
  readonly out: Pointer;
}

/**
 * Reads elements of a tensor, one span after another, as float32 into a heap. Nothing is held twice: 16-bit numbers come into the end
 * of the room that they are widened to.
 * @throws InputError for an element type other than F32, F16, BF16, or a file that has become shorter.
 */
export function readElements(info: TensorInfo, spans: readonly ElementRange[], heap: Heap, out: Pointer): void {
  const { file } = info;
  withInput(file, (descriptor) => {
    for (const segment of segments(info, spans, out, READ_AT_ONCE)) {
      fill(descriptor, file, segment.position, bytesFor(segment, heap));
      widen(segment, heap);
    }
  });
}

/**
 * The same for many tensors, some segments being read while another is widened. The heap must not grow meanwhile.
 * @throws InputError as {@link readElements} does.
 */
export async function loadTensors(tensors: readonly Wanted[], heap: Heap): Promise<void> {
  const plain = tensors.flatMap(({ plain: its, out }) => (its ? [{ info: its.info, out }] : []));
  for (const file of new Set(plain.map(({ info }) => info.file))) {
    const handle = await openInput(file);
    // One list for all readers: where one of them fails, leaving its loop ends the list for the others too.
    const list = wholeSegments(plain.filter(({ info }) => info.file === file));
    const reader = async (): Promise<void> => {
      for (const segment of list) {
        await fillFrom(handle, file, segment.position, bytesFor(segment, heap));
        widen(segment, heap);
      }
    };
    try {
      await Promise.all(Array.from({ length: READERS }, reader));
    } finally {
      await handle.close(); // waits for what is still being read
    }
  }
  for (const stored of tensors) {
    const all = [{ first: 0, count: stored.count }];
    if (stored.plain) stored.plain.finish(all, heap, stored.out);
    else stored.read(all, heap, stored.out);
  }
}

/** All elements of a tensor. */
export const whole = ({ shape }: TensorInfo): readonly ElementRange[] => [{ first: 0, count: elementCount(shape) }];

/** Consecutive elements of a tensor: where they are in its file, in bytes, and where they go to. */
interface Segment {
  readonly position: number;
  readonly type: ReadableType;
  readonly count: number;
  readonly to: Pointer;
}

function* segments(info: TensorInfo, spans: readonly ElementRange[], out: Pointer, atOnce: number): Generator<Segment> {
  const { name, shape, start } = info;
  const type = readableType(info);
  const elements = elementCount(shape);
  let to = out;
  for (const { first, count } of spans) {
    if (first + count > elements) throw new RangeError(`tensor ${name} has ${elements} elements, ${first + count} are asked for`);
    for (let done = 0; done < count; done += atOnce) {
      const now = Math.min(atOnce, count - done);
      yield { position: start + type.bytes * (first + done), type, count: now, to };
      to += 4 * now;
    }
  }
}

function* wholeSegments(tensors: readonly WantedInfo[]): Generator<Segment> {
  for (const { info, out } of tensors) yield* segments(info, whole(info), out, LOADED_AT_ONCE);
}

/** Where a segment's bytes come to: the end of the room of its float32 elements. */
function bytesFor({ type, count, to }: Segment, heap: Heap): Uint8Array {
  const { buffer, byteOffset } = heap.floats(to, count);
  return new Uint8Array(buffer, byteOffset + unread(type, count), type.bytes * count);
}

function widen({ type, count, to }: Segment, heap: Heap): void {
  if (type.widen) heap.kernels[type.widen](to, to + unread(type, count), count);
}

const unread = ({ bytes }: ReadableType, count: number): number => (4 - bytes) * count;
