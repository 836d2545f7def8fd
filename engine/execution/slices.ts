import type { ParameterUse, Stage, StageGraph } from '../graph/stage.js';
import type { Parameter, ElementRange } from '../parameters/parameter.js';
import type { Parameters } from '../parameters/parameters.js';
import { floats, type Tensor } from '../sessions/session.js';

/** So many rows of a vocabulary are perturbed and multiplied at a time: their logits are the largest tensor of a small model's step. */
const BLOCK_ROWS = 1024;

/** Scratch offsets are multiples of this many elements: a cache line. */
const ALIGNMENT = 16;

/** The part of one parameter that one run of a stage needs: runs of consecutive elements, laid end to end as a tensor of `dims`. */
export interface ParameterSlice {
  readonly use: ParameterUse;
  readonly parameter: Parameter;
  readonly runs: readonly ElementRange[];
  readonly dims: readonly number[];
  readonly count: number;
}

export interface RowBlock {
  readonly start: number;
  readonly rows: number;
}

/** The row blocks that a stage goes through, one after another; a stage without any runs once. */
export function rowBlocks({ uses }: StageGraph): readonly (RowBlock | undefined)[] {
  const blocked = uses.find(({ access }) => access.how === 'blocks');
  if (!blocked) return [undefined];
  const [total = 0] = blocked.shape;
  return Array.from({ length: Math.ceil(total / BLOCK_ROWS) }, (_, index) => {
    const start = index * BLOCK_ROWS;
    return { start, rows: Math.min(BLOCK_ROWS, total - start) };
  });
}

export function sliceOf(
  parameters: Parameters,
  stage: Stage,
  use: ParameterUse,
  input: (name: string) => Tensor,
  block: RowBlock | undefined,
): ParameterSlice {
  const parameter = parameters.get(stage.prefix + use.local);
  if (use.access.how === 'whole') {
    return { use, parameter, runs: [{ first: 0, count: parameter.count }], dims: use.shape, count: parameter.count };
  }
  const inner = use.shape.slice(1);
  const width = inner.reduce((a, b) => a * b, 1);
  if (use.access.how === 'blocks') {
    const { start, rows } = block ?? { start: 0, rows: use.shape[0] ?? 0 };
    const count = rows * width;
    return { use, parameter, runs: [{ first: start * width, count }], dims: [rows, ...inner], count };
  }
  const indices = input(use.access.indices);
  const rows = Array.from(indices.data as BigInt64Array, (row) => rowNumber(row, parameter));
  return { use, parameter, runs: rowRuns(rows, width), dims: [...indices.dims, ...inner], count: rows.length * width };
}

/** Rows that follow each other, as positions do, are one run. */
function rowRuns(rows: readonly number[], width: number): ParameterSlice['runs'] {
  const runs: { first: number; count: number }[] = [];
  for (const row of rows) {
    const last = runs.at(-1);
    if (last && last.first + last.count === row * width) last.count += width;
    else runs.push({ first: row * width, count: width });
  }
  return runs;
}

function rowNumber(row: bigint, { name, shape }: Parameter): number {
  const number = Number(row);
  const rows = shape[0] ?? 0;
  if (number < 0 || number >= rows) throw new RangeError(`row ${number} of ${name} is asked for, which has ${rows}`);
  return number;
}

/** Where slices lie in a scratch slot, end to end. */
export function layOutSlices(slices: readonly ParameterSlice[]): { readonly offsets: readonly number[]; readonly total: number } {
  let total = 0;
  const offsets = slices.map(({ count }) => {
    const offset = total;
    total += Math.ceil(count / ALIGNMENT) * ALIGNMENT;
    return offset;
  });
  return { offsets, total };
}

/** The slice of a parameter in memory, at theta itself: a view where it is one run, a copy where it is gathered rows. */
export function unperturbedTensor(parameters: Parameters, { parameter, runs, dims, count }: ParameterSlice): Tensor {
  const values = parameters.values(parameter);
  const [run] = runs;
  if (run && runs.length === 1) return floats(dims, values.subarray(run.first, run.first + run.count));
  const copy = new Float32Array(count);
  let done = 0;
  for (const { first, count: length } of runs) {
    copy.set(values.subarray(first, first + length), done);
    done += length;
  }
  return floats(dims, copy);
}
