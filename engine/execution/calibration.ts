import { bindDims } from '../graph/axis-lengths.js';
import type { Node, Value } from '../graph/graph.js';
import { gemm, multiply, reduceSum } from '../graph/operators.js';
import { buildStage, type Scope, type Stage } from '../graph/stage.js';
import { float32Of, floats, type Tensors } from '../sessions/session.js';
import type { ForwardRunner } from './forward.js';

/** The tokens of a batch: 1 for each that counts, 0 for padding, along the axis that linear layers' inputs have them on. */
export interface CountedTokens {
  readonly axis: string;
  readonly counts: Float32Array;
}

const COUNTS = 'calibration:counts';
const SQUARES = 'calibration:squares:';

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
    const observed = stages.map((stage) => observe(stage, axis));
    const last = observed.findLastIndex(({ axes }) => axes.size > 0);
    let flow: Tensors = { ...batch, [COUNTS]: floats([1, counts.length], counts) };
    for (const { stage, inputs, axes } of observed.slice(0, last + 1)) {
      const lengths = bindDims(inputs, flow);
      const [made = {}] = await this.runner.run([stage], flow);
      for (const [name, rows] of axes) {
        this.#add(stage.prefix + name, float32Of(made, SQUARES + name), rows === axis ? tokens : (lengths.get(rows) ?? Number(rows)));
      }
      flow = Object.fromEntries(Object.entries(made).filter(([name]) => !isSquares(name)));
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

const isSquares = (output: string): boolean => output.startsWith(SQUARES);

interface Observed {
  /** With one more output for each of its linear layers' weights: the sum of squares of each feature of the layer's input. */
  readonly stage: Stage;
  readonly inputs: readonly Value[];
  /** By weight, the axis that its layer's input has its rows on. */
  readonly axes: ReadonlyMap<string, string>;
}

function observe(stage: Stage, axis: string): Observed {
  const axes = new Map<string, string>();
  const observed: Stage = {
    ...stage,
    kind: `${stage.kind} observed`,
    build(scope) {
      const weights = new Map<Value, string>();
      const watched: Scope = {
        ...scope,
        parameter(name, shape) {
          const value = scope.parameter(name, shape);
          weights.set(value, name);
          return value;
        },
      };
      stage.build(watched);
      const [anyWeight] = weights.keys();
      const squares = new Map<Value, Value>();
      for (const { name, input } of linearLayers(anyWeight?.graph.nodes ?? [], weights)) {
        const sums = squares.get(input) ?? sumOfSquares(scope, input, axis);
        squares.set(input, sums);
        scope.output(SQUARES + name, sums);
        axes.set(name, String(input.shape[0]));
      }
    },
  };
  return { stage: observed, inputs: buildStage(observed).inputs, axes };
}

/** Every product of an input with a whole weight, transposed as linear layers store it. */
function linearLayers(nodes: readonly Node[], weights: ReadonlyMap<Value, string>): { name: string; input: Value }[] {
  return nodes.flatMap(({ op, inputs: [input, weight], attributes: { transB } }) => {
    const name = weight && weights.get(weight);
    const transposed = transB !== undefined && 'int' in transB && transB.int === 1;
    return op === 'Gemm' && transposed && input && name !== undefined ? [{ name, input }] : [];
  });
}

/** [1, features]; rows along another axis than the tokens' (those that a readout gathers) all count. */
function sumOfSquares(scope: Scope, x: Value, axis: string): Value {
  const squares = multiply(x, x);
  return x.shape[0] === axis ? gemm(scope.input(COUNTS, 'real', [1, axis]), squares) : reduceSum(squares, [0], true);
}
