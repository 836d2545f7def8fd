import { readFileSync } from 'node:fs';
import { bytesText } from '../quantities.js';
import { OutOfMemoryError } from '../errors.js';
import type { Pointer } from './pointer.js';
import type { Kernels } from './table.js';

/** Bytes that a WebAssembly memory grows by. */
export const PAGE = 65536;
const ALIGNMENT = 64;

const compiled = new WebAssembly.Module(readFileSync(new URL('./kernels.wasm', import.meta.url)));

/** One of WebAssembly's memories, with the kernels on it. */
export class Memory {
  readonly kernels: Kernels;
  readonly #memory: WebAssembly.Memory;
  #top = PAGE; // the first page holds the kernels' own tables

  constructor(readonly bytes: number) {
    this.#memory = new WebAssembly.Memory({ initial: 1, maximum: bytes / PAGE });
    this.kernels = new WebAssembly.Instance(compiled, { env: { memory: this.#memory } }).exports as Kernels;
  }

  /** Where an array that is allocated next ends. */
  endOf(count: number): number {
    return Math.ceil((this.#top + 4 * count) / ALIGNMENT) * ALIGNMENT;
  }

  allocate(count: number): Pointer {
    const pointer = this.#top;
    this.#top = this.endOf(count);
    const pages = this.#memory.buffer.byteLength / PAGE;
    const missing = Math.ceil(this.#top / PAGE) - pages;
    if (missing > 0) this.#grow(missing, Math.min(Math.ceil(pages / 2), this.bytes / PAGE - pages));
    return pointer;
  }

  /** By `wanted` pages, for each time costs some tenths of a millisecond; where there is no memory for them, by those that are missing. */
  #grow(missing: number, wanted: number): void {
    try {
      this.#memory.grow(Math.max(missing, wanted));
    } catch (cause) {
      if (wanted > missing) {
        this.#grow(missing, missing);
        return;
      }
      const [more, held] = [missing * PAGE, this.#memory.buffer.byteLength].map(bytesText);
      throw new OutOfMemoryError(`no memory for ${more} more than the ${held} of this heap`, { cause });
    }
  }

  floats(pointer: Pointer, count: number): Float32Array {
    return new Float32Array(this.#memory.buffer, pointer, count);
  }
}
