import { sameShape, type Graph, type Node, type Value } from '../graph/graph.js';
import { add, expandLike } from '../graph/operators.js';
import { elementwiseRules } from './elementwise.js';
import { linearRules } from './linear.js';
import { normalisationRules } from './normalisation.js';
import type { Rule, Rules } from './rule.js';

/** Reverse and forward rule of every differentiable operator. */
export const rules: Rules = { ...elementwiseRules, ...linearRules, ...normalisationRules };

function ruleOf(node: Node): Rule {
  const rule = rules[node.op];
  if (!rule) throw new Error(`${node.op} has no derivative`);
  return rule;
}

/**
 * Reverse mode: appends to the graph what gives each of `wrt`'s cotangents from those of later values.
 * Undefined where a value has no influence.
 */
export function vjp(graph: Graph, cotangents: ReadonlyMap<Value, Value>, wrt: readonly Value[]): (Value | undefined)[] {
  const forward = [...graph.nodes];
  const active = reachable(forward, new Set(wrt));
  const totals = new Map(cotangents);
  for (const node of forward.reverse()) {
    const [output] = node.outputs;
    const cotangent = output && totals.get(output);
    const wanted = node.inputs.map((input) => input !== undefined && active.has(input));
    if (!cotangent || !wanted.includes(true)) continue;
    const rule = ruleOf(node);
    const [first] = node.inputs;
    const total = first && totals.get(first);
    if (first && total && rule.addVjp) totals.set(first, rule.addVjp(node, cotangent, total));
    else addContributions(totals, node.inputs, wanted, rule.vjp(node, cotangent, wanted));
  }
  return wrt.map((value) => totals.get(value));
}

function addContributions(
  totals: Map<Value, Value>,
  inputs: Node['inputs'],
  wanted: readonly boolean[],
  contributions: readonly (Value | undefined)[],
): void {
  contributions.forEach((contribution, index) => {
    const input = inputs[index];
    if (!input || !contribution || !wanted[index]) return;
    const total = totals.get(input);
    totals.set(input, total ? add(total, contribution) : contribution);
  });
}

/** Forward mode: appends the tangents of `outputs`, given those of earlier values. Undefined where a tangent is zero. */
export function jvp(graph: Graph, tangents: ReadonlyMap<Value, Value>, outputs: readonly Value[]): (Value | undefined)[] {
  const known = new Map(tangents);
  for (const node of [...graph.nodes]) {
    const inputs = node.inputs.map((input) => input && known.get(input));
    const [output] = node.outputs;
    if (output?.dtype !== 'real' || inputs.every((tangent) => tangent === undefined)) continue;
    const tangent = ruleOf(node).jvp(node, inputs);
    // The tangent of an operand that was broadcast alone (a bias, say) still lacks the output's axes.
    known.set(output, sameShape(tangent.shape, output.shape) ? tangent : expandLike(tangent, output));
  }
  return outputs.map((output) => known.get(output));
}

/** The values that depend on `sources`, these included. Lengths of axes do not count: they have no derivative. */
function reachable(nodes: readonly Node[], sources: ReadonlySet<Value>): ReadonlySet<Value> {
  const reached = new Set(sources);
  for (const node of nodes) {
    const [output] = node.outputs;
    if (output?.dtype === 'real' && node.inputs.some((input) => input && reached.has(input))) reached.add(output);
  }
  return reached;
}
