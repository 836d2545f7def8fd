import { CHUNK, type Pointer } from './pointer.js';
import { kernelsFrom, type Kernel, type Kernels, type Role } from './table.js';

/** Bytes between the beginnings of two memories, as pointers count them. */
export const MEMORY_SPAN = 2 ** 32;

const isPointer = (role: Role | undefined): boolean => role === 'in' || role === 'out' || role === 'both' || role === 'whole';
const memoryOf = (pointer: Pointer): number => Math.floor(pointer / MEMORY_SPAN);

/** The most different arrays that a kernel takes element by element. */
const MOST_ARRAYS = 4;

/** What {@link kernelsOver} works on. */
export interface Memories {
  /** Kernels on one memory alone, whose pointers begin there. */
  kernelsOf(memory: number): Kernels;
  floats(pointer: Pointer, count: number): Float32Array;
  /** In the first memory. */
  allocate(count: number): Pointer;
}

/**
 * Kernels on arrays of several memories. Where all of a call lie in one, that one's own run; else what lies elsewhere goes through the
 * first memory, a chunk at a time. What is looked at anywhere must be in the first memory then.
 */
export function kernelsOver(memories: Memories): Kernels {
  const buffers = Array.from({ length: MOST_ARRAYS }, () => memories.allocate(CHUNK));
  return kernelsFrom((name, { roles, isAdditive }) => (...given) => {
    const used = new Set(given.filter((_, k) => isPointer(roles[k])).map(memoryOf));
    const [only = 0] = used;
    const kernel = memories.kernelsOf(used.size > 1 ? 0 : only)[name] as Kernel;
    if (used.size <= 1) return kernel(...given.map((value, k) => (isPointer(roles[k]) ? value - only * MEMORY_SPAN : value)));
    const isElsewhere = (value: number, k: number): boolean => roles[k] === 'whole' && memoryOf(value) > 0;
    const isLong = !isAdditive && (given[roles.indexOf('count')] ?? 0) > CHUNK;
    if (isLong || given.some(isElsewhere)) throw new Error(`${name} cannot go through these arrays of several memories`);
    return inChunks(memories, buffers, kernel, roles, given);
  });
}

/** The sum of what the calls give; 0 where they give nothing. */
function inChunks(
  memories: Memories,
  buffers: readonly Pointer[],
  kernel: Kernel,
  roles: readonly Role[],
  given: readonly number[],
): number {
  const count = given[roles.indexOf('count')] ?? 0;
  let sum = 0;
  for (let done = 0; done < count; done += CHUNK) {
    const n = Math.min(CHUNK, count - done);
    const own = given.map((value, k) => {
      if (roles[k] === 'count') return n;
      if (roles[k] === 'first') return value + done;
      return isPointer(roles[k]) && roles[k] !== 'whole' ? value + 4 * done : value;
    });
    sum += throughBuffers(memories, buffers, kernel, roles, own, n) ?? 0;
  }
  return sum;
}

function throughBuffers(
  memories: Memories,
  buffers: readonly Pointer[],
  kernel: Kernel,
  roles: readonly Role[],
  given: readonly number[],
  count: number,
): number | undefined {
  const far = given.filter((value, k) => isPointer(roles[k]) && memoryOf(value) > 0);
  // An array may be read and written: it has one buffer.
  const bufferOf = new Map([...new Set(far)].map((pointer, k) => [pointer, buffers[k] ?? NaN]));
  const has = (pointer: Pointer, ...which: Role[]): boolean =>
    given.some((value, k) => value === pointer && which.includes(roles[k] ?? 'value'));
  const move = (from: Pointer, to: Pointer): void => memories.floats(to, count).set(memories.floats(from, count));
  for (const [pointer, buffer] of bufferOf) if (has(pointer, 'in', 'both')) move(pointer, buffer);
  const result = kernel(...given.map((value, k) => (isPointer(roles[k]) ? (bufferOf.get(value) ?? value) : value)));
  for (const [pointer, buffer] of bufferOf) if (has(pointer, 'out', 'both')) move(buffer, pointer);
  return result;
}
