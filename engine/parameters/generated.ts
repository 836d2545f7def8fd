import { noiseKey, type Seed } from '../kernels/noise.js';
import type { Pointer } from '../kernels/pointer.js';
import type { Application } from '../programs/program.js';
import { isMatrix, movesParameter, type Direction, type Generated, type Point, type DirectionChunk } from './direction.js';
import type { Parameter } from './parameter.js';
import { ComputedChunks } from './update.js';

/** sum of scale z over the terms, each element summed in the order given. Terms that are combinations themselves are taken apart. */
export class Combination implements Generated {
  readonly terms: readonly Point[];

  constructor(terms: readonly Point[]) {
    this.terms = terms.flatMap(({ direction, scale }) =>
      direction instanceof Combination ? direction.terms.map((term) => ({ ...term, scale: scale * term.scale })) : { direction, scale },
    );
  }

  moves(parameter: Parameter): boolean {
    return this.terms.some(({ direction }) => movesParameter(direction, parameter));
  }

  write({ parameters, parameter, first, count }: DirectionChunk, out: Pointer): void {
    parameters.heap.kernels.fill(out, count, 0);
    for (const { direction, scale } of this.terms) parameters.accumulate(parameter, first, count, direction, scale, out);
  }
}

class Computed implements Generated {
  readonly #chunks: ComputedChunks;

  constructor(readonly application: Application<Direction>) {
    this.#chunks = new ComputedChunks(application);
  }

  moves(parameter: Parameter): boolean {
    return Object.values(this.application.arrays).every((direction) => movesParameter(direction, parameter));
  }

  write(chunk: DirectionChunk, out: Pointer): void {
    this.#chunks.write(chunk, out);
  }
}

/** The zero direction. */
const nowhere: Generated = { moves: () => false, write: ({ parameters, count }, out) => parameters.heap.kernels.fill(out, count, 0) };

/** theta itself. */
export const HERE: Point = { direction: nowhere, scale: 0 };

/** +1 or -1, each with probability 1/2. */
export const rademacher = (seed: Seed): Generated => ({
  moves: () => true,
  write({ parameters, parameter, first, count }, out) {
    const { k0, k1 } = noiseKey(seed, parameter.name);
    parameters.heap.kernels.rademacher(out, count, first, k0, k1);
  },
});

/** z on some parameters, which it is the same direction on, and 0 elsewhere. */
class Restricted implements Generated {
  constructor(
    readonly direction: Direction,
    readonly to: (parameter: Parameter) => boolean,
  ) {}

  moves(parameter: Parameter): boolean {
    return this.to(parameter) && movesParameter(this.direction, parameter);
  }

  write({ parameters, parameter, first, count }: DirectionChunk, out: Pointer): void {
    parameters.writeDirection(parameter, first, count, this.direction, out);
  }
}

/** A direction on some parameters alone. */
export const restricted = (direction: Direction, to: (parameter: Parameter) => boolean): Generated => new Restricted(direction, to);

/** f z, with a factor for each parameter. */
class Scaled implements Generated {
  constructor(
    readonly direction: Direction,
    readonly factor: (parameter: Parameter) => number,
  ) {}

  moves(parameter: Parameter): boolean {
    return movesParameter(this.direction, parameter);
  }

  write({ parameters, parameter, first, count }: DirectionChunk, out: Pointer): void {
    parameters.heap.kernels.fill(out, count, 0);
    parameters.accumulate(parameter, first, count, this.direction, this.factor(parameter), out);
  }
}

export const scaled = (direction: Direction, factor: (parameter: Parameter) => number): Generated => new Scaled(direction, factor);

/** The point as a multiple of a simpler direction where, in this parameter, it is one: what a seed stands for needs no buffer. */
export function simplified({ direction, scale }: Point, parameter: Parameter): Point {
  if (direction instanceof Restricted && direction.moves(parameter))
    return simplified({ direction: direction.direction, scale }, parameter);
  if (direction instanceof Scaled) {
    return simplified({ direction: direction.direction, scale: scale * direction.factor(parameter) }, parameter);
  }
  if (!(direction instanceof Combination)) return { direction, scale };
  const [term, ...others] = direction.terms.filter((each) => movesParameter(each.direction, parameter));
  return term && others.length === 0
    ? simplified({ direction: term.direction, scale: scale * term.scale }, parameter)
    : { direction, scale };
}

/** Uniform on the sphere of radius sqrt(n) in the n dimensions of the trainable parameters: a Gaussian direction, brought to that length. */
export function sphere(
  seed: Seed,
  parameters: { readonly trainable: readonly Parameter[]; norm(direction: Direction): number },
): Generated {
  const dimensions = parameters.trainable.reduce((sum, { count }) => sum + count, 0);
  const factor = Math.sqrt(dimensions) / parameters.norm(seed);
  return scaled(seed, () => factor);
}

/** m in {0, 1} for each element. */
export interface Mask {
  /** Sets the elements of z to 0 where m is; `z` holds the chunk. */
  apply(chunk: DirectionChunk, z: Pointer): void;
}

/** m * z, element by element. */
export const masked = (direction: Direction, mask: Mask): Generated => ({
  moves: (parameter) => movesParameter(direction, parameter),
  write(chunk, out) {
    chunk.parameters.writeDirection(chunk.parameter, chunk.first, chunk.count, direction, out);
    mask.apply(chunk, out);
  },
});

/** What a program makes of directions, element by element; it moves what all of these move. */
export const computed = (application: Application<Direction>): Generated => new Computed(application);

/** theta as a direction, biases and norms left out: what weight decay shrinks. */
export const weights: Generated = {
  moves: isMatrix,
  write: ({ parameters, parameter, first, count }, out) => parameters.heap.kernels.copy(out, parameter.pointer + 4 * first, count),
};
