import type { Node, Value } from '../graph/graph.js';
import { buildStage, type Scope, type Stage } from '../graph/stage.js';

/** The tokens of a batch: 1 for each that counts, 0 for padding, along the axis that linear layers' inputs have them on. */
export interface CountedTokens {
  readonly axis: string;
  readonly counts: Float32Array;
}

/** The batch tensor [1, tokens] of their counts. */
export const COUNTS = 'calibration:counts';

const PREFIX = 'calibration:of:';

export const isStatistic = (output: string): boolean => output.startsWith(PREFIX);
export const statisticOf = (weight: string): string => PREFIX + weight;

/** What is made of the input x [rows, features] of a linear layer; rows along another axis than the tokens' (those that a readout gathers) all count. */
export type Statistic = (scope: Scope, x: Value, axis: string) => Value;

export interface Observed {
  /** With one more output for each of its linear layers' weights: the statistic of the layer's input. */
  readonly stage: Stage;
  readonly inputs: readonly Value[];
  /** By weight, the axis that its layer's input has its rows on. */
  readonly axes: ReadonlyMap<string, string>;
}

/** A stage that also gives a statistic of its linear layers' inputs, kept apart by `name` from others of its kind. */
export function observe(stage: Stage, axis: string, name: string, statistic: Statistic): Observed {
  const axes = new Map<string, string>();
  const observed: Stage = {
    ...stage,
    kind: `${stage.kind} ${name}`,
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
      const made = new Map<Value, Value>();
      for (const { name: weight, input } of linearLayers(anyWeight?.graph.nodes ?? [], weights)) {
        const value = made.get(input) ?? statistic(scope, input, axis);
        made.set(input, value);
        scope.output(statisticOf(weight), value);
        axes.set(weight, String(input.shape[0]));
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
