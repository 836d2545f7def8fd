import type { Constant, DType, Graph, Node, Real, Shape, Value } from '../graph/graph.js';

/** Appends what computes `output` from the node's first input. */
type Expansion = (to: Lowered, x: Value, output: Value) => void;

/** A graph's nodes and constants with some operators put in terms of others. */
export class Lowered {
  readonly nodes: Node[] = [];
  readonly constants: Constant[];
  #values = 0;

  constructor(
    readonly graph: Graph,
    real: Real,
  ) {
    this.constants = [...graph.constants];
    for (const node of graph.nodes) {
      const [[x], [output], expand] = [node.inputs, node.outputs, expansions[real][node.op]];
      if (expand && x && output) expand(this, x, output);
      else this.nodes.push(node);
    }
  }

  /** A new value. Nothing asks for the shape of one that is only passed on. */
  value(dtype: DType = 'real', shape: Shape = []): Value {
    return { graph: this.graph, name: `lowered_${this.#values++}`, dtype, shape };
  }

  /** A node whose result is a new value or, where given, `output`. */
  node(op: string, inputs: readonly Value[], output = this.value()): Value {
    this.nodes.push({ op, domain: '', inputs, outputs: [output], attributes: {} });
    return output;
  }

  scalar(number: number): Value {
    return this.#constant([number], 'real', []);
  }

  row(numbers: readonly number[]): Value {
    return this.#constant(numbers, 'real', [numbers.length]);
  }

  axis(number: number): Value {
    return this.#constant([number], 'int64', [1]);
  }

  #constant(data: readonly number[], dtype: DType, shape: Shape): Value {
    const value = this.value(dtype, shape);
    this.constants.push({ value, data });
    return value;
  }
}

/**
 * ONNX Runtime's ReduceLogSumExp takes a scalar exp per element; its LogSoftmax is vectorised and ten times faster.
 * As x_0 - logsoftmax(x)_0 = log sum exp x, the latter's first column gives the same.
 */
const logSumExp: Expansion = (to, x, output) => {
  const columns = [to.axis(0), to.axis(1), to.axis(-1)]; // from 0 to 1 of the last axis
  const firstColumn = (of: Value): Value => to.node('Slice', [of, ...columns]);
  to.node('Sub', [firstColumn(x), firstColumn(to.node('LogSoftmax', [x]))], output);
};

const PERIOD = 13;
const HARMONICS = Array.from({ length: 26 }, (_, index) => index + 1);

/**
 * ONNX Runtime has Erf in float32 only. In float64: the Gaussian repeated with the period P is a cosine series by Poisson's
 * summation, and its integral is erf x = 2x / P + 2/pi sum over n of exp(-(pi n / P)^2) / n sin(2 pi n x / P). Within |x| <= 6,
 * beyond which erf is 1, neither the other periods (erfc 7) nor the terms left out reach float64's precision.
 */
const erf: Expansion = (to, x, output) => {
  const bounded = to.node('Clip', [x, to.scalar(-6), to.scalar(6)]);
  const frequencies = to.row(HARMONICS.map((n) => (2 * Math.PI * n) / PERIOD));
  const waves = to.node('Sin', [to.node('Mul', [to.node('Unsqueeze', [bounded, to.axis(-1)]), frequencies])]);
  const amplitudes = to.row(HARMONICS.map((n) => (2 / Math.PI / n) * Math.exp(-(((Math.PI * n) / PERIOD) ** 2))));
  const line = to.node('Mul', [bounded, to.scalar(2 / PERIOD)]);
  to.node('Add', [line, to.node('MatMul', [waves, amplitudes])], output);
};

/** Gelu too is there in float32 only: x/2 (1 + erf(x / sqrt 2)). */
const gelu: Expansion = (to, x, output) => {
  const error = to.value();
  erf(to, to.node('Mul', [x, to.scalar(Math.SQRT1_2)]), error);
  to.node('Mul', [to.node('Mul', [x, to.scalar(0.5)]), to.node('Add', [error, to.scalar(1)])], output);
};

const expansions: Readonly<Record<Real, Readonly<Record<string, Expansion>>>> = {
  float32: { ReduceLogSumExp: logSumExp },
  float64: { ReduceLogSumExp: logSumExp, Erf: erf, Gelu: gelu },
};
