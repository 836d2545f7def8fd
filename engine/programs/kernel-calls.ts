import type { Frame, NumberFormula } from './frame.js';

/** Runs a kernel: `out` and `x` are the places of arrays in the frame, `n` gives its numbers. */
export type KernelCall = (frame: Frame, out: number, x: readonly number[], n: readonly NumberFormula[]) => void;

/** What the kernels of update rules compute, by name; x, y and w are the arrays read, a, b and c the numbers. */
export const kernelCalls = {
  /** a x + b y */
  blend: (f, out, x, n) => f.kernels.blend(f.at(out), f.at(x[0]), f.at(x[1]), f.size(out), f.number(n[0]), f.number(n[1])),
  /** a x + b y^2 */
  blendSquare: (f, out, x, n) => f.kernels.blendSquare(f.at(out), f.at(x[0]), f.at(x[1]), f.size(out), f.number(n[0]), f.number(n[1])),
  /** x + a y */
  addScaled: (f, out, x, n) => f.kernels.addScaled(f.at(x[0]), f.at(x[1]), f.at(out), f.size(out), f.number(n[0])),
  /** a x */
  scale: (f, out, x, n) => f.kernels.blend(f.at(out), f.at(x[0]), f.at(x[0]), f.size(out), f.number(n[0]), 0),
  /** a x + b */
  affine: (f, out, x, n) => f.kernels.affine(f.at(out), f.at(x[0]), f.size(out), f.number(n[0]), f.number(n[1])),
  multiply: (f, out, x) => f.kernels.multiply(f.at(out), f.at(x[0]), f.at(x[1]), f.size(out)),
  divide: (f, out, x) => f.kernels.divide(f.at(out), f.at(x[0]), f.at(x[1]), f.size(out)),
  /** a / x */
  reciprocal: (f, out, x, n) => {
    f.kernels.fill(f.at(out), f.size(out), f.number(n[0]));
    f.kernels.divide(f.at(out), f.at(out), f.at(x[0]), f.size(out));
  },
  /** x / sqrt(y) */
  overRoot: (f, out, x) => f.kernels.overRoot(f.at(out), f.at(x[0]), f.at(x[1]), f.size(out)),
  squareRoot: (f, out, x) => f.kernels.squareRoot(f.at(out), f.at(x[0]), f.size(out)),
  absolute: (f, out, x) => f.kernels.absolute(f.at(out), f.at(x[0]), f.size(out)),
  sign: (f, out, x) => f.kernels.sign(f.at(out), f.at(x[0]), f.size(out)),
  copy: (f, out, x) => f.kernels.copy(f.at(out), f.at(x[0]), f.size(out)),
  fill: (f, out, _, n) => f.kernels.fill(f.at(out), f.size(out), f.number(n[0])),
  /** x - a y / (sqrt(w / b) + c) */
  adamStep: (f, out, x, n) => {
    if (f.at(out) !== f.at(x[0])) f.kernels.copy(f.at(out), f.at(x[0]), f.size(out));
    f.kernels.adamStep(f.at(out), f.at(x[1]), f.at(x[2]), f.size(out), f.number(n[0]), f.number(n[1]), f.number(n[2]));
  },
} satisfies Readonly<Record<string, KernelCall>>;
