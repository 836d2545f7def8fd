import { Graph, type DType, type Shape, type Value } from './graph.js';
import { concat, gather, logSumExp } from './operators.js';

/** What a stage builds itself in: where its inputs come from, its outputs go to, and its parameters are. */
export interface Scope {
  /** A named tensor of the batch or of an earlier stage. */
  input(name: string, dtype: DType, shape: Shape): Value;
  output(name: string, value: Value): void;
  /** A whole parameter. */
  parameter(name: string, shape: readonly number[]): Value;
  /** The rows of a parameter [n, ...] named by a batch input (int64): [...indices, ...]. No other row is ever touched. */
  rows(name: string, shape: readonly number[], indices: Value): Value;
  /** A parameter [n, ...] that may come in blocks of rows; what is made of it must go to {@link Scope.outputLogSumExp}. */
  rowBlocks(name: string, shape: readonly number[]): Value;
  /** Output log sum exp over the last axis of `logits`, across all blocks of rows: [..., 1]. */
  outputLogSumExp(name: string, logits: Value): void;
}

/** A part of a model that runs by itself: an embedding, a block, a head. */
export interface Stage {
  readonly name: string;
  /** Stages of one kind build the same graph and share its compiled form. */
  readonly kind: string;
  /** Put before a parameter's local name to get its full name. */
  readonly prefix: string;
  build(scope: Scope): void;
}

/** How a staged graph takes a parameter: whole, the rows that an input names, or a block of rows after another. */
export type Access = { readonly how: 'whole' } | { readonly how: 'rows'; readonly indices: string } | { readonly how: 'blocks' };

export interface ParameterUse {
  readonly local: string;
  readonly shape: readonly number[];
  readonly access: Access;
  readonly value: Value;
}

/** A stage's own graph, with what flows in and out of it. */
export interface StageGraph {
  readonly graph: Graph;
  readonly inputs: readonly Value[];
  readonly outputs: ReadonlyMap<string, Value>;
  readonly uses: readonly ParameterUse[];
  /** Outputs accumulated over row blocks; each is an input too. */
  readonly carries: readonly string[];
}

/** The graph of one stage alone: rows and row blocks are inputs, cut out of the parameters before the graph runs. */
export function buildStage(stage: Stage): StageGraph {
  const graph = new Graph();
  const inputs = new Map<string, Value>();
  const outputs = new Map<string, Value>();
  const uses: ParameterUse[] = [];
  const carries: string[] = [];
  const use = (local: string, shape: readonly number[], access: Access, seen: Shape): Value => {
    const suffix = access.how === 'rows' ? `@${access.indices}` : '';
    const value = graph.input(`parameter:${local}${suffix}`, 'real', seen);
    if (!uses.some((known) => known.value === value)) uses.push({ local, shape, access, value });
    return value;
  };
  const scope: Scope = {
    input(name, dtype, shape) {
      const value = graph.input(name, dtype, shape);
      inputs.set(name, value);
      return value;
    },
    output: (name, value) => void outputs.set(name, value),
    parameter: (local, shape) => use(local, shape, { how: 'whole' }, shape),
    rows: (local, shape, indices) => use(local, shape, { how: 'rows', indices: indices.name }, [...indices.shape, ...shape.slice(1)]),
    rowBlocks: (local, shape) => use(local, shape, { how: 'blocks' }, ['block', ...shape.slice(1)]),
    outputLogSumExp(name, logits) {
      const block = logSumExp(logits);
      const carry = scope.input(name, 'real', block.shape);
      carries.push(name);
      outputs.set(name, logSumExp(concat([block, carry], -1)));
    },
  };
  stage.build(scope);
  return { graph, inputs: [...inputs.values()], outputs, uses, carries };
}

/** All stages as one graph: what backpropagation differentiates. */
export interface ComposedGraph {
  readonly graph: Graph;
  /** What the stages made, by name. */
  readonly values: ReadonlyMap<string, Value>;
  readonly parameters: ReadonlyMap<string, Value>;
}

export function composeStages(stages: readonly Stage[]): ComposedGraph {
  const graph = new Graph();
  const values = new Map<string, Value>();
  const parameters = new Map<string, Value>();
  for (const stage of stages) {
    const parameter = (local: string, shape: readonly number[]): Value => {
      const name = stage.prefix + local;
      const value = graph.input(`parameter:${name}`, 'real', shape);
      parameters.set(name, value);
      return value;
    };
    stage.build({
      input: (name, dtype, shape) => values.get(name) ?? graph.input(name, dtype, shape),
      output: (name, value) => void values.set(name, value),
      parameter,
      rows: (local, shape, indices) => gather(parameter(local, shape), indices),
      rowBlocks: parameter,
      outputLogSumExp: (name, logits) => void values.set(name, logSumExp(logits)),
    });
  }
  return { graph, values, parameters };
}

/** The stage in which a parameter is used first, and its name there. */
export interface ParameterPlace {
  readonly stage: string;
  readonly local: string;
}

export interface FirstUse extends ParameterPlace {
  readonly shape: readonly number[];
}

/** Every parameter the stages use, by its full name, in the order of their first use. */
export function stageParameters(stages: readonly Stage[]): ReadonlyMap<string, FirstUse> {
  const found = new Map<string, FirstUse>();
  const usesOfKind = new Map<string, readonly ParameterUse[]>();
  for (const stage of stages) {
    const uses = usesOfKind.get(stage.kind) ?? buildStage(stage).uses;
    usesOfKind.set(stage.kind, uses);
    for (const { local, shape } of uses) {
      const name = stage.prefix + local;
      if (!found.has(name)) found.set(name, { shape, stage: stage.name, local });
    }
  }
  return found;
}
