import type { Bindings } from '../graph/axis-lengths.js';
import type { Pointer } from '../kernels/pointer.js';
import type { Kernels } from '../kernels/table.js';

/** What instructions work on. Arrays and numbers are known by their places in a list. */
export class Frame {
  constructor(
    readonly kernels: Kernels,
    readonly pointers: Pointer[],
    /** Elements of each array. */
    readonly sizes: number[],
    /** Those given, and sums. */
    readonly numbers: number[],
    readonly lengths: Bindings,
  ) {}

  at(array: number | undefined): Pointer {
    return this.pointers[array ?? -1] ?? NaN;
  }

  size(array: number): number {
    return this.sizes[array] ?? NaN;
  }

  number(formula: NumberFormula | undefined): number {
    return formula ? formula(this) : NaN;
  }
}

/** A number of a program, worked out where it is used. */
export type NumberFormula = (frame: Frame) => number;

/** A step of a program's run. */
export type Instruction = (frame: Frame) => void;
