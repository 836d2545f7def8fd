import type { Kernels } from './heap.js';
import { CHUNK, type Pointer } from './pointer.js';

/** Bytes between the beginnings of two memories, as pointers count them. */
export const MEMORY_SPAN = 2 ** 32;

/** What a kernel does with an argument: arrays of `count` elements from `first` on, arrays it may look at anywhere, and numbers. */
type Role = 'in' | 'out' | 'both' | 'whole' | 'count' | 'first' | 'value';

const ROLES: Readonly<Record<keyof Kernels, readonly Role[]>> = {
  normal: ['out', 'count', 'first', 'value', 'value'],
  perturb: ['in', 'out', 'out', 'count', 'first', 'value', 'value', 'value'],
  mirror: ['in', 'in', 'out', 'out', 'count', 'value'],
  addNoise: ['in', 'out', 'count', 'first', 'value', 'value', 'value'],
  addScaled: ['in', 'in', 'out', 'count', 'value'],
  noiseSquares: ['value', 'value', 'value'],
  rademacher: ['out', 'count', 'first', 'value', 'value'],
  keepRandom: ['both', 'count', 'first', 'value', 'value', 'value'],
  keepSmall: ['both', 'in', 'count', 'value'],
  keepMarked: ['both', 'count', 'first', 'whole'],
  tally: ['whole', 'in', 'count', 'value', 'value'],
  countAbove: ['in', 'count', 'value'],
  ranked: ['in', 'count', 'value'],
  mark: ['whole', 'first', 'in', 'count', 'value', 'value'],
  lowRank: ['out', 'count', 'first', 'value', 'value', 'whole', 'whole'],
  transpose: ['whole', 'whole', 'value', 'value'],
  blend: ['out', 'in', 'in', 'count', 'value', 'value'],
  blendSquare: ['out', 'in', 'in', 'count', 'value', 'value'],
  multiply: ['out', 'in', 'in', 'count'],
  overRoot: ['out', 'in', 'in', 'count'],
  sign: ['out', 'in', 'count'],
  adamStep: ['both', 'in', 'in', 'count', 'value', 'value', 'value'],
  dot: ['in', 'in', 'count'],
  copy: ['out', 'in', 'count'],
  fill: ['out', 'count', 'value'],
  widenFloat16: ['whole', 'whole', 'value'],
  widenBfloat16: ['whole', 'whole', 'value'],
};

/** Those whose results of two chunks are not their sum. */
const OF_ONE_CHUNK: ReadonlySet<string> = new Set<keyof Kernels>(['mark']);

type Kernel = (...given: number[]) => number | undefined;
/** The kernels, seen alike. */
export type KernelTable = Readonly<Record<keyof Kernels, Kernel>>;

const isPointer = (role: Role | undefined): boolean => role === 'in' || role === 'out' || role === 'both' || role === 'whole';
const memoryOf = (pointer: Pointer): number => Math.floor(pointer / MEMORY_SPAN);

/** The most different arrays that a kernel takes element by element. */
const MOST_ARRAYS = 4;

/** What {@link kernelsOver} works on. */
export interface Memories {
  /** Kernels on one memory alone, whose pointers begin there. */
  kernelsOf(memory: number): KernelTable;
  floats(pointer: Pointer, count: number): Float32Array;
  /** Room in the first memory. */
  allocate(count: number): Pointer;
}

/**
 * Kernels on arrays of several memories. Where all of a call lie in one, that one's own run; else what lies elsewhere goes through the
 * first memory, a chunk at a time. What is looked at anywhere must be in the first memory then.
 */
export function kernelsOver(memories: Memories): Kernels {
  const rooms = Array.from({ length: MOST_ARRAYS }, () => memories.allocate(CHUNK));
  const calls = Object.entries(ROLES).map(([name, roles]): [string, Kernel] => [
    name,
    (...given) => {
      const used = new Set(given.filter((_, k) => isPointer(roles[k])).map(memoryOf));
      const [only = 0] = used;
      const kernel = memories.kernelsOf(used.size > 1 ? 0 : only)[name as keyof Kernels];
      if (used.size <= 1) return kernel(...given.map((value, k) => (isPointer(roles[k]) ? value - only * MEMORY_SPAN : value)));
      const isElsewhere = (value: number, k: number): boolean => roles[k] === 'whole' && memoryOf(value) > 0;
      const isLong = OF_ONE_CHUNK.has(name) && (given[roles.indexOf('count')] ?? 0) > CHUNK;
      if (isLong || given.some(isElsewhere)) throw new Error(`${name} cannot go through these arrays of several memories`);
      return inChunks(memories, rooms, kernel, roles, given);
    },
  ]);
  return Object.fromEntries(calls) as unknown as Kernels;
}

/** The sum of what the calls give; 0 where they give nothing. */
function inChunks(memories: Memories, rooms: readonly Pointer[], kernel: Kernel, roles: readonly Role[], given: readonly number[]): number {
  const count = given[roles.indexOf('count')] ?? 0;
  let sum = 0;
  for (let done = 0; done < count; done += CHUNK) {
    const n = Math.min(CHUNK, count - done);
    const own = given.map((value, k) => {
      if (roles[k] === 'count') return n;
      if (roles[k] === 'first') return value + done;
      return isPointer(roles[k]) && roles[k] !== 'whole' ? value + 4 * done : value;
    });
    sum += throughRooms(memories, rooms, kernel, roles, own, n) ?? 0;
  }
  return sum;
}

function throughRooms(
  memories: Memories,
  rooms: readonly Pointer[],
  kernel: Kernel,
  roles: readonly Role[],
  given: readonly number[],
  count: number,
): number | undefined {
  const far = given.filter((value, k) => isPointer(roles[k]) && memoryOf(value) > 0);
  // An array may be read and written: it has one room.
  const roomOf = new Map([...new Set(far)].map((pointer, k) => [pointer, rooms[k] ?? NaN]));
  const has = (pointer: Pointer, ...which: Role[]): boolean =>
    given.some((value, k) => value === pointer && which.includes(roles[k] ?? 'value'));
  const move = (from: Pointer, to: Pointer): void => memories.floats(to, count).set(memories.floats(from, count));
  for (const [pointer, room] of roomOf) if (has(pointer, 'in', 'both')) move(pointer, room);
  const result = kernel(...given.map((value, k) => (isPointer(roles[k]) ? (roomOf.get(value) ?? value) : value)));
  for (const [pointer, room] of roomOf) if (has(pointer, 'out', 'both')) move(room, pointer);
  return result;
}
