import { gemm, multiply, transpose } from '../graph/operators.js';
import type { Stage } from '../graph/stage.js';
import { float32Of, floats, type Tensor, type Tensors } from '../sessions/session.js';
import type { ForwardRunner } from './forward.js';
import { COUNTS, isStatistic, observe, statisticOf, type CountedTokens, type Statistic } from './observed.js';

/** A batch, with the tokens of it that count. */
export interface CalibrationBatch {
  readonly batch: Tensors;
  readonly tokens: CountedTokens;
}

/** By weight [outputs, inputs], the sum over tokens of x x^T, [inputs, inputs], x being the layer's inputs. */
export type Grams = ReadonlyMap<string, Float64Array>;

/**
 * Goes through the stages one after another with all batches, and hands `use` each stage's Gram matrices before it runs it for good: what
 * `use` changes in the stage's parameters is what the next stages' inputs come from.
 */
export async function throughStages(
  runner: ForwardRunner,
  stages: readonly Stage[],
  batches: readonly CalibrationBatch[],
  use: (stage: Stage, grams: Grams) => void,
): Promise<void> {
  let flows: Tensors[] = batches.map(({ batch, tokens: { counts } }) => ({ ...batch, [COUNTS]: floats([1, counts.length], counts) }));
  for (const stage of stages) {
    const grams = new Map<string, Float64Array>();
    for (const [index, flow] of flows.entries()) {
      const { stage: observed, axes } = observe(stage, batches[index]?.tokens.axis ?? '', 'with Gram matrices', gram);
      if (axes.size === 0) break;
      const [made = {}] = await runner.run([observed], flow);
      for (const name of axes.keys()) addTo(grams, stage.prefix + name, float32Of(made, statisticOf(name)));
    }
    use(stage, grams);
    const next: Tensors[] = [];
    for (const flow of flows) next.push(kept((await runner.run([stage], flow))[0] ?? {}));
    flows = next;
  }
}

function addTo(sums: Map<string, Float64Array>, name: string, values: Float32Array): void {
  const sum = sums.get(name);
  if (sum) values.forEach((value, index) => (sum[index] = (sum[index] ?? NaN) + value));
  else sums.set(name, Float64Array.from(values));
}

/** A run's outputs are good until the next run: what goes on is copied. */
function kept(made: Tensors): Tensors {
  const copy = (tensor: Tensor): Tensor => (tensor.data instanceof Float32Array ? { ...tensor, data: tensor.data.slice() } : tensor);
  return Object.fromEntries(Object.entries(made).flatMap(([name, tensor]) => (isStatistic(name) ? [] : [[name, copy(tensor)]])));
}

/** [features, features] */
const gram: Statistic = (scope, x, axis) => {
  if (x.shape[0] !== axis) return gemm(x, x, { transposeA: true });
  const counted = multiply(x, transpose(scope.input(COUNTS, 'real', [1, axis]), [1, 0]));
  return gemm(counted, x, { transposeA: true });
};
