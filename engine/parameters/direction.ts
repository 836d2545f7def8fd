import type { Heap } from '../kernels/heap.js';
import type { Seed } from '../kernels/noise.js';
import type { Pointer } from '../kernels/pointer.js';
import type { Parameter } from './parameter.js';

/** One array per trainable parameter, or for some of them: a gradient, a momentum. */
export type Buffers = ReadonlyMap<string, Pointer>;

/** What a direction writes itself with: the parameters of the model. */
export interface DirectionWriter {
  readonly heap: Heap;
  /** Writes z, for `count` elements of a parameter from `first` on, to `out`: zeros where the direction does not move it. */
  writeDirection(parameter: Parameter, first: number, count: number, direction: Direction, out: Pointer): void;
  /** out <- out + scale z, for `count` elements of a parameter from `first` on; nothing where the direction does not move it. */
  accumulate(parameter: Parameter, first: number, count: number, direction: Direction, scale: number, out: Pointer): void;
  buffer(buffers: Buffers, parameter: Parameter): Pointer;
  /** Hands so many buffers of one chunk to `use`, for as long as it runs; calls nest. */
  withBuffers(count: number, use: (buffers: readonly Pointer[]) => void): void;
}

/** What a direction is asked for: `count` elements of a parameter, from element `first` on. */
export interface DirectionChunk {
  readonly parameters: DirectionWriter;
  readonly parameter: Parameter;
  readonly first: number;
  /** At most {@link CHUNK}. */
  readonly count: number;
}

/** A direction that is made where it is used, a chunk at a time, and never stored. */
export interface Generated {
  /** Whether it moves this trainable parameter; one that it does not costs no noise, no copy and no second forward pass. */
  moves(parameter: Parameter): boolean;
  /** Writes z for the chunk to `out`: a pure function of the element, as long as theta and the optimizer's state stay. */
  write(chunk: DirectionChunk, out: Pointer): void;
}

/** A direction z over the trainable parameters: a seed stands for its standard normal noise, arrays for themselves. */
export type Direction = Seed | Buffers | Generated;

/** theta + scale z, or a term of a sum */
export interface Point {
  readonly direction: Direction;
  readonly scale: number;
}

export const isBuffers = (direction: Direction): direction is Buffers => direction instanceof Map;

/** Whether a direction is other than 0 for a trainable parameter. */
export function movesParameter(direction: Direction, parameter: Parameter): boolean {
  if (typeof direction === 'number') return true;
  return isBuffers(direction) ? direction.has(parameter.name) : direction.moves(parameter);
}

/** A matrix parameter, all else being biases and norms. */
export const isMatrix = ({ shape }: Parameter): boolean => shape.length > 1;
