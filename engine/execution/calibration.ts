import { bindDims } from '../graph/axis-lengths.js';
import { gemm, multiply, reduceSum } from '../graph/operators.js';
import type { Stage } from '../graph/stage.js';
import { float32Of, floats, type Tensors } from '../sessions/session.js';
import type { ForwardRunner } from './forward.js';
import { COUNTS, isStatistic, observe, statisticOf, type CountedTokens, type Statistic } from './observed.js';

/**
 * How large the inputs of the linear layers are: for each whole weight [outputs, inputs], the root mean square of each input feature
 * over the tokens of the batches added, or over the rows it gets, where a readout gathers them. Stage by stage, so that no more than one stage's activations is in memory.
 */
export class ActivationNorms {
  readonly #squares = new Map<string, { readonly sums: Float64Array; rows: number }>();

  constructor(readonly runner: ForwardRunner) {}

  /** Runs the stages up to the last linear layer. */
  async add(stages: readonly Stage[], batch: Tensors, { axis, counts }: CountedTokens): Promise<void> {
    const tokens = counts.reduce((sum, count) => sum + count, 0);
    const observed = stages.map((stage) => observe(stage, axis, 'observed', sumOfSquares));
    const last = observed.findLastIndex(({ axes }) => axes.size > 0);
    let flow: Tensors = { ...batch, [COUNTS]: floats([1, counts.length], counts) };
    for (const { stage, inputs, axes } of observed.slice(0, last + 1)) {
      const lengths = bindDims(inputs, flow);
      const [made = {}] = await this.runner.run([stage], flow);
      for (const [name, rows] of axes) {
        this.#add(stage.prefix + name, float32Of(made, statisticOf(name)), rows === axis ? tokens : (lengths.get(rows) ?? Number(rows)));
      }
      flow = Object.fromEntries(Object.entries(made).filter(([name]) => !isStatistic(name)));
    }
  }

  get norms(): ReadonlyMap<string, Float32Array> {
    return new Map([...this.#squares].map(([name, { sums, rows }]) => [name, Float32Array.from(sums, (sum) => Math.sqrt(sum / rows))]));
  }

  #add(parameter: string, squares: Float32Array, rows: number): void {
    const known = this.#squares.get(parameter) ?? { sums: new Float64Array(squares.length), rows: 0 };
    squares.forEach((square, feature) => (known.sums[feature] = (known.sums[feature] ?? 0) + square));
    known.rows += rows;
    this.#squares.set(parameter, known);
  }
}

/** [1, features] */
const sumOfSquares: Statistic = (scope, x, axis) => {
  const squares = multiply(x, x);
  return x.shape[0] === axis ? gemm(scope.input(COUNTS, 'real', [1, axis]), squares) : reduceSum(squares, [0], true);
};
