/** What ONNX Runtime rounds to. */
const GRAIN = 256;
const FIRST_REGION = 2 ** 20;
const LARGEST_GROWTH = 2 ** 30;
/** So much of a chunk, or half of it, must be left over for it to be split. */
const LARGEST_REST = 128 * 2 ** 20;

/** A part of a region; `start` and `size` in bytes. */
export interface ArenaChunk {
  readonly region: Region;
  start: number;
  size: number;
  isFree: boolean;
}

interface Region {
  /** In the order of their places. */
  readonly chunks: ArenaChunk[];
  /** Ends of what has been written to: [from, to), apart and in order. */
  written: readonly (readonly [number, number])[];
}

/**
 * The memory arena of one of ONNX Runtime's sessions (`BFCArena` with its defaults): the best fitting free chunk of all regions, a
 * region more where none fits, each as large as two before it. Nothing is given back, and pages count from when they are first written to.
 */
export class Arena {
  readonly #regions: Region[] = [];
  #nextRegion = FIRST_REGION;

  /** Bytes that have been written to. */
  get resident(): number {
    return this.#regions.flatMap(({ written }) => written).reduce((sum, [from, to]) => sum + to - from, 0);
  }

  /** A chunk for so many bytes, all of which get written to. */
  allocate(bytes: number): ArenaChunk {
    const size = Math.max(GRAIN, Math.ceil(bytes / GRAIN) * GRAIN);
    const chunk = this.#bestFit(size) ?? this.#grow(size);
    chunk.isFree = false;
    if (chunk.size >= 2 * size || chunk.size - size >= LARGEST_REST) split(chunk, size);
    chunk.region.written = union(chunk.region.written, [chunk.start, chunk.start + size]);
    return chunk;
  }

  release(chunk: ArenaChunk): void {
    const { chunks } = chunk.region;
    chunk.isFree = true;
    const index = chunks.indexOf(chunk);
    const next = chunks[index + 1];
    if (next?.isFree) merge(chunk, next);
    const previous = chunks[index - 1];
    if (previous?.isFree) merge(previous, chunk);
  }

  #bestFit(size: number): ArenaChunk | undefined {
    let best: ArenaChunk | undefined;
    for (const { chunks } of this.#regions) {
      for (const chunk of chunks) if (chunk.isFree && chunk.size >= size && chunk.size < (best?.size ?? Infinity)) best = chunk;
    }
    return best;
  }

  #grow(size: number): ArenaChunk {
    const isLarger = size > this.#nextRegion;
    while (size > this.#nextRegion) this.#nextRegion *= 2;
    const region: Region = { chunks: [], written: [] };
    const chunk = { region, start: 0, size: this.#nextRegion, isFree: true };
    region.chunks.push(chunk);
    this.#regions.push(region);
    if (!isLarger) this.#nextRegion = Math.min(2 * this.#nextRegion, Math.max(LARGEST_GROWTH, this.#nextRegion));
    return chunk;
  }
}

function split(chunk: ArenaChunk, size: number): void {
  const { region, start } = chunk;
  const rest = { region, start: start + size, size: chunk.size - size, isFree: true };
  chunk.size = size;
  region.chunks.splice(region.chunks.indexOf(chunk) + 1, 0, rest);
}

function merge(chunk: ArenaChunk, next: ArenaChunk): void {
  const { chunks } = chunk.region;
  chunk.size += next.size;
  chunks.splice(chunks.indexOf(next), 1);
}

function union(ranges: Region['written'], [from, to]: readonly [number, number]): Region['written'] {
  const apart = ranges.filter(([start, end]) => end < from || start > to);
  const touching = ranges.filter(([start, end]) => end >= from && start <= to).flat();
  return [...apart, [Math.min(from, ...touching), Math.max(to, ...touching)] as const].sort(([a], [b]) => a - b);
}
