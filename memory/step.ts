import { floats, integers, type Tensor } from '../engine/index.js';
import type { LanguageModel } from '../models/index.js';
import type { Optimizer } from '../optimizers/index.js';
import type { Batch } from '../tasks/index.js';
import type { Engines } from '../training/index.js';

/** What a step is taken on: so many texts of so many tokens, in as many micro-batches. */
export interface BatchShape {
  readonly batch: number;
  /** Tokens of each text, those included that a scheme puts before it. */
  readonly sequence: number;
  readonly accumulate: number;
  /** Where a token is predicted: everywhere, as a language model is trained, or at the end, as a classifier is. */
  readonly targets: 'all' | 'last';
}

const SEED = 1;
/** Any token will do. */
export const TOKEN = 3;

/** The micro-batches, of full texts; their attention bias, the only large tensor, lies where `biasOf` says. */
export function batchesOf(model: LanguageModel, shape: BatchShape, biasOf: (count: number) => Float32Array): readonly Batch[] {
  const { batch, accumulate } = shape;
  const bounds = Array.from({ length: accumulate + 1 }, (_, part) => Math.floor((part * batch) / accumulate));
  const rows = bounds.slice(1).map((end, part) => end - (bounds[part] ?? 0));
  return rows.filter((count) => count > 0).map((count) => batchOf(model, count, shape, biasOf));
}

function batchOf(model: LanguageModel, rows: number, { sequence, targets }: BatchShape, biasOf: (count: number) => Float32Array): Batch {
  const { virtualTokens } = model.architecture;
  const tokens = Array.from({ length: rows * sequence }, (_, position) => position);
  const ids = Int32Array.from(tokens, (position) => virtualTokens[position % sequence] ?? TOKEN);
  const depths = Int32Array.from(tokens, (position) => position % sequence);
  const reads = tokens.filter((position) => targets === 'all' || position % sequence === sequence - 1);
  const column = (values: readonly number[]): Tensor => integers([values.length], values);
  return {
    objective: 'tokens',
    count: rows,
    tensors: {
      ...model.tokenInputs(ids, rows, sequence),
      attention_bias: floats([rows, sequence, sequence], biasOf(rows * sequence ** 2)),
      ...model.positionInputs(depths, rows, sequence),
      read_positions: column(reads),
      target_ids: column(reads.map(() => TOKEN)),
      target_reads: column(reads.map((_, target) => target)),
      token_weights: floats([1, reads.length], new Float32Array(reads.length).fill(1 / reads.length)),
    },
  };
}

/** Bytes of a batch's tensors, wherever they lie. */
export function batchBytes(batches: readonly Batch[], realBytes: number): number {
  const bytesOf = ({ type, dims }: Tensor): number =>
    dims.reduce((a, b) => a * b, { float32: realBytes, float64: realBytes, int64: 8, bool: 1 }[type]);
  return batches.flatMap(({ tensors }) => Object.values(tensors)).reduce((sum, tensor) => sum + bytesOf(tensor), 0);
}

/** Takes a step, counted from 0. */
export async function takeStep<State>(
  engines: Engines,
  optimizer: Optimizer<State>,
  state: State,
  batches: readonly Batch[],
  step: number,
): Promise<void> {
  const settings = { learningRate: 1e-6, epsilon: 1e-3, weightDecay: 0, steps: step + 1, trainingBatches: () => [batches] };
  await optimizer.step(engines.context(batches, SEED, step, settings), state);
}
