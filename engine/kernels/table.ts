import type { Pointer } from './pointer.js';

/** What a kernel does with an argument: an array that it reads, writes or both, one that it looks at anywhere, or a number. */
export type Role = 'in' | 'out' | 'both' | 'whole' | 'count' | 'first' | 'value';

/** How one kernel is called, and the role of each of its arguments. */
interface Row<Call> {
  readonly roles: readonly Role[];
  /** Whether its results for two chunks add up to that for both; what writes arrays alone gives 0 for each. */
  readonly isAdditive: boolean;
  /** Never set: it carries the type. */
  readonly call?: Call;
}

type Signature = (...given: number[]) => unknown;
type RolesOf<Arguments extends readonly unknown[]> = { readonly [Index in keyof Arguments]: Role };

const kernel = <Call extends Signature>(...roles: RolesOf<Parameters<Call>>): Row<Call> => ({ roles, isAdditive: true });

/** The same for one whose results for two chunks do not add up. */
const chunkKernel = <Call extends Signature>(...roles: RolesOf<Parameters<Call>>): Row<Call> => ({ roles, isAdditive: false });

/**
 * The kernels, a row for each function that `assembly/index.ts` exports. Counts are float32 elements, `first` is the first element's
 * index in its parameter. `out` may be an input. Heaps of all kinds, and the tests, go by this table.
 */
export const KERNELS = {
  /** out = z */
  normal: kernel<(out: Pointer, count: number, first: number, k0: number, k1: number) => void>('out', 'count', 'first', 'value', 'value'),
  /** plus = theta + scale z, minus = theta - scale z */
  perturb: kernel<
    (theta: Pointer, plus: Pointer, minus: Pointer, count: number, first: number, scale: number, k0: number, k1: number) => void
  >('in', 'out', 'out', 'count', 'first', 'value', 'value', 'value'),
  /** plus = y + scale x, minus = y - scale x */
  mirror: kernel<(y: Pointer, x: Pointer, plus: Pointer, minus: Pointer, count: number, scale: number) => void>(
    'in',
    'in',
    'out',
    'out',
    'count',
    'value',
  ),
  /** out = theta + scale z */
  addNoise: kernel<(theta: Pointer, out: Pointer, count: number, first: number, scale: number, k0: number, k1: number) => void>(
    'in',
    'out',
    'count',
    'first',
    'value',
    'value',
    'value',
  ),
  /** out = y + scale x */
  addScaled: kernel<(y: Pointer, x: Pointer, out: Pointer, count: number, scale: number) => void>('in', 'in', 'out', 'count', 'value'),
  /** The sum of z^2 over elements 0 to `count` - 1, in double precision */
  noiseSquares: kernel<(count: number, k0: number, k1: number) => number>('value', 'value', 'value'),
  /** out = 1 where the element's random word is below 2^31, else -1 (see {@link uniformWord}) */
  rademacher: kernel<(out: Pointer, count: number, first: number, k0: number, k1: number) => void>(
    'out',
    'count',
    'first',
    'value',
    'value',
  ),
  /** z = 0 where the element's random word is not below `threshold` (see {@link uniformWord}) */
  keepRandom: kernel<(z: Pointer, count: number, first: number, threshold: number, k0: number, k1: number) => void>(
    'both',
    'count',
    'first',
    'value',
    'value',
    'value',
  ),
  /** z = 0 where |theta| is above `threshold` */
  keepSmall: kernel<(z: Pointer, theta: Pointer, count: number, threshold: number) => void>('both', 'in', 'count', 'value'),
  /** z = 0 where the element's bit is not set: bit i & 31 of word i >> 5 for element i */
  keepMarked: kernel<(z: Pointer, count: number, first: number, marks: Pointer) => void>('both', 'count', 'first', 'whole'),
  /** Counts the elements by the digit of eight bits at `shift` of |x|'s bits, of those whose bits above it are `prefix`: 256 uint32 */
  tally: kernel<(counts: Pointer, x: Pointer, count: number, prefix: number, shift: number) => void>(
    'whole',
    'in',
    'count',
    'value',
    'value',
  ),
  /** How many |x| have bits, as an integer, above `threshold` */
  countAbove: kernel<(x: Pointer, count: number, threshold: number) => number>('in', 'count', 'value'),
  /** The bits of the |x| of that rank, from 1 on, the largest first */
  ranked: kernel<(x: Pointer, count: number, rank: number) => number>('in', 'count', 'value'),
  /** Marks, for {@link keepMarked}, the |x| whose bits are above `threshold` and the first `ties` that have just these; gives the ties left */
  mark: chunkKernel<(marks: Pointer, first: number, x: Pointer, count: number, threshold: number, ties: number) => number>(
    'whole',
    'first',
    'in',
    'count',
    'value',
    'value',
  ),
  /** out = elements `first` on of U V, row by row; U is [rows, rank], V is [rank, columns] */
  lowRank: kernel<(out: Pointer, count: number, first: number, columns: number, rank: number, u: Pointer, v: Pointer) => void>(
    'out',
    'count',
    'first',
    'value',
    'value',
    'whole',
    'whole',
  ),
  /** out = the transpose of x [rows, columns]; `out` must not be x */
  transpose: kernel<(out: Pointer, x: Pointer, rows: number, columns: number) => void>('whole', 'whole', 'value', 'value'),
  /** out = a x + b y */
  blend: kernel<(out: Pointer, x: Pointer, y: Pointer, count: number, a: number, b: number) => void>(
    'out',
    'in',
    'in',
    'count',
    'value',
    'value',
  ),
  /** out = a x + b y^2 */
  blendSquare: kernel<(out: Pointer, x: Pointer, y: Pointer, count: number, a: number, b: number) => void>(
    'out',
    'in',
    'in',
    'count',
    'value',
    'value',
  ),
  /** out = x y */
  multiply: kernel<(out: Pointer, x: Pointer, y: Pointer, count: number) => void>('out', 'in', 'in', 'count'),
  /** out = a x + b */
  affine: kernel<(out: Pointer, x: Pointer, count: number, a: number, b: number) => void>('out', 'in', 'count', 'value', 'value'),
  /** out = x / y */
  divide: kernel<(out: Pointer, x: Pointer, y: Pointer, count: number) => void>('out', 'in', 'in', 'count'),
  /** out = sqrt(x) */
  squareRoot: kernel<(out: Pointer, x: Pointer, count: number) => void>('out', 'in', 'count'),
  /** out = |x| */
  absolute: kernel<(out: Pointer, x: Pointer, count: number) => void>('out', 'in', 'count'),
  /** out = x / sqrt(y) */
  overRoot: kernel<(out: Pointer, x: Pointer, y: Pointer, count: number) => void>('out', 'in', 'in', 'count'),
  /** out = -1, 0 or 1 */
  sign: kernel<(out: Pointer, x: Pointer, count: number) => void>('out', 'in', 'count'),
  /** theta = theta - rate m / (sqrt(v / correction) + epsilon) */
  adamStep: kernel<(theta: Pointer, m: Pointer, v: Pointer, count: number, rate: number, correction: number, epsilon: number) => void>(
    'both',
    'in',
    'in',
    'count',
    'value',
    'value',
    'value',
  ),
  /** The sum of x y, in double precision */
  dot: kernel<(x: Pointer, y: Pointer, count: number) => number>('in', 'in', 'count'),
  /** out = x */
  copy: kernel<(out: Pointer, x: Pointer, count: number) => void>('out', 'in', 'count'),
  /** out = value */
  fill: kernel<(out: Pointer, count: number, value: number) => void>('out', 'count', 'value'),
  /** out = the values of `count` float16 numbers, which may be the second half of `out`; NaN keeps its payload */
  widenFloat16: kernel<(out: Pointer, from: Pointer, count: number) => void>('whole', 'whole', 'value'),
  /** out = the values of `count` bfloat16 numbers, which may be the second half of `out`; NaN keeps its payload */
  widenBfloat16: kernel<(out: Pointer, from: Pointer, count: number) => void>('whole', 'whole', 'value'),
};

export type Kernels = {
  readonly [Name in keyof typeof KERNELS]: (typeof KERNELS)[Name] extends Row<infer Call> ? Call : never;
};

export type KernelName = keyof Kernels;

/** A kernel as the table has all of them. */
export type Kernel = (...given: number[]) => number | undefined;

/** Kernels made alike, out of the rows of the table. */
export function kernelsFrom(make: (name: KernelName, row: Omit<Row<Signature>, 'call'>) => Kernel): Kernels {
  return Object.fromEntries(Object.entries(KERNELS).map(([name, row]) => [name, make(name as KernelName, row)])) as unknown as Kernels;
}
