import { jvp, vjp } from '../../engine/autodiff/index.js';
import { Graph, type Shape, type Value } from '../../engine/index.js';
import type { Real } from '../../engine/index.js';
import { compileGraph, dimsOf, evaluate } from './engine-graphs.js';
import { arbitrary, elementCount } from './engine-numbers.js';

/** A function of real tensors, to be differentiated in each. */
export interface Differentiable {
  readonly shapes: readonly Shape[];
  readonly build: (...inputs: Value[]) => Value;
}

/** Balances the truncation of a central difference, O(step^2), against float64 rounding, O(1e-16 / step). */
const STEP = 1e-5;

type Numbers = readonly (readonly number[])[];

/** The function's graph, with inputs x0, x1, ... */
export function graphOf({ shapes, build }: Differentiable): { graph: Graph; inputs: Value[]; output: Value } {
  const graph = new Graph();
  const inputs = shapes.map((shape, index) => graph.input(`x${index}`, 'real', shape));
  return { graph, inputs, output: build(...inputs) };
}

/** Points for each input, without a pattern. */
export function pointsFor({ shapes }: Differentiable, stream: number): Numbers {
  return shapes.map((shape, index) => arbitrary(elementCount(dimsOf(shape)), stream + index));
}

export const sizeOf = (output: Value): number => elementCount(dimsOf(output.shape));

function named(prefix: string, numbers: Numbers): Record<string, readonly number[]> {
  return Object.fromEntries(numbers.map((values, index) => [`${prefix}${index}`, values]));
}

/** Jacobians by central differences in float64: for each input, for each of its elements, the output's derivative. */
export async function differenceJacobians(f: Differentiable, points: Numbers): Promise<number[][][]> {
  const { graph, output } = graphOf(f);
  graph.output('y', output);
  const compiled = await compileGraph(graph, 'float64');
  const valueAt = async (input: number, element: number, step: number): Promise<number[]> => {
    const moved = points.map((values, i) => values.map((value, k) => (i === input && k === element ? value + step : value)));
    return (await compiled.run(named('x', moved))).y ?? [];
  };
  const jacobians: number[][][] = [];
  for (const [input, values] of points.entries()) {
    const columns: number[][] = [];
    for (const element of values.keys()) {
      const plus = await valueAt(input, element, STEP);
      const minus = await valueAt(input, element, -STEP);
      columns.push(plus.map((value, i) => (value - (minus[i] ?? NaN)) / (2 * STEP)));
    }
    jacobians.push(columns);
  }
  await compiled.release();
  return jacobians;
}

/** Reverse mode: the gradients of <cotangent, f> in the `wanted` inputs, zero where there is no influence. */
export async function reverse(f: Differentiable, points: Numbers, cotangent: readonly number[], wanted: readonly number[], real: Real) {
  const { graph, inputs, output } = graphOf(f);
  const seed = graph.input('u', 'real', output.shape);
  const wrt = inputs.filter((_, index) => wanted.includes(index));
  const gradients = vjp(graph, new Map([[output, seed]]), wrt);
  gradients.forEach((gradient, index) => {
    if (gradient) graph.output(`g${index}`, gradient);
  });
  const outputs = await evaluate(graph, real, { ...named('x', points), u: cotangent });
  return wanted.map((input, index) => outputs[`g${index}`] ?? new Array<number>(points[input]?.length ?? 0).fill(0));
}

/** Forward mode: the derivative of f along tangents of the `moving` inputs. */
export async function forward(f: Differentiable, points: Numbers, tangents: Numbers, moving: readonly number[], real: Real) {
  const { graph, inputs, output } = graphOf(f);
  const known = moving.flatMap((index) => {
    const input = inputs[index];
    return input ? [[input, graph.input(`v${index}`, 'real', input.shape)] as const] : [];
  });
  const [tangent] = jvp(graph, new Map(known), [output]);
  if (tangent) graph.output('dy', tangent);
  const outputs = await evaluate(graph, real, { ...named('x', points), ...named('v', tangents) });
  return outputs.dy ?? new Array<number>(sizeOf(output)).fill(0);
}
