import type { Attribute, Constant, DType, Graph, Node, Real, Shape, Value } from '../graph/graph.js';

/** What runs the graph: ONNX Runtime's providers lack different operators. */
export type Provider = 'cpu' | 'webgpu';

/** Appends what computes a node's outputs from its inputs, of which the first are given. */
type Expansion = (to: Lowered, x: Value, output: Value, node: Node) => void;

/** A graph's nodes and constants with some operators put in terms of others. */
export class Lowered {
  readonly nodes: Node[] = [];
  readonly constants: Constant[];
  #values = 0;

  constructor(
    readonly graph: Graph,
    real: Real,
    provider: Provider = 'cpu',
  ) {
    this.constants = [...graph.constants];
    const expansions = provider === 'cpu' ? cpuExpansions[real] : webgpuExpansions;
    for (const node of graph.nodes) {
      const [[x], [output], expand] = [node.inputs, node.outputs, expansions[node.op]];
      if (expand && x && output) expand(this, x, output, node);
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
const gelu: Expansion = (to, x, output, node) => {
  const error = to.value();
  erf(to, to.node('Mul', [x, to.scalar(Math.SQRT1_2)]), error, node);
  to.node('Mul', [to.node('Mul', [x, to.scalar(0.5)]), to.node('Add', [error, to.scalar(1)])], output);
};

const isFloat = (attribute: Attribute | undefined): attribute is { readonly float: number } =>
  attribute !== undefined && 'float' in attribute;

/** The provider's SimplifiedLayerNormalization gives the mean where the inverse root is due, which its gradient would take for it. */
const rmsNormalization: Expansion = (to, x, output, { inputs: [, gain], outputs: [, inverseRoot], attributes: { epsilon } }) => {
  if (!gain || !inverseRoot || !isFloat(epsilon)) throw new Error('SimplifiedLayerNormalization has a gain, an epsilon and two outputs');
  const meanSquare = to.node('ReduceMean', [to.node('Mul', [x, x]), to.axis(-1)]);
  to.node('Reciprocal', [to.node('Sqrt', [to.node('Add', [meanSquare, to.scalar(epsilon.float)])])], inverseRoot);
  to.node('Mul', [to.node('Mul', [x, inverseRoot]), gain], output);
};

/** The provider has no Sign: [x > 0] - [x < 0]. */
const sign: Expansion = (to, x, output) => {
  const zero = to.scalar(0);
  const one = to.scalar(1);
  const where = (op: string): Value => to.node('Where', [to.node(op, [x, zero], to.value('bool')), one, zero]);
  to.node('Sub', [where('Greater'), where('Less')], output);
};

/** The provider's ReduceLogSumExp overflows from exp 89 on: m + log sum exp (x - m), m the largest. */
const shiftedLogSumExp: Expansion = (to, x, output) => {
  const last = to.axis(-1);
  const largest = to.node('ReduceMax', [x, last]);
  const sum = to.node('ReduceSum', [to.node('Exp', [to.node('Sub', [x, largest])]), last]);
  to.node('Add', [largest, to.node('Log', [sum])], output);
};

/** The provider leaves ConstantOfShape to the CPU, from where a whole gradient of zeros would cross to the device. */
const fill: Expansion = (to, shape, output, { attributes: { value } }) => {
  if (!value || !('real' in value)) throw new Error('ConstantOfShape has a real number');
  to.node('Expand', [to.scalar(value.real), shape], output);
};

/** The provider's Relu makes 0 of what is not a number, and its Softmax a row of zeros: a model that diverged would have a fair loss. */
const relu: Expansion = (to, x, output) => {
  const zero = to.scalar(0);
  to.node('Where', [to.node('Less', [x, zero], to.value('bool')), zero, x], output);
};

/** As {@link relu}: 0 x is not a number where x is not, or is infinite. */
const softmax: Expansion = (to, x, output, node) => {
  const weights = to.value();
  to.nodes.push({ ...node, outputs: [weights] });
  to.node('Add', [weights, to.node('Mul', [x, to.scalar(0)])], output);
};

const webgpuExpansions: Readonly<Record<string, Expansion>> = {
  ConstantOfShape: fill,
  ReduceLogSumExp: shiftedLogSumExp,
  Relu: relu,
  SimplifiedLayerNormalization: rmsNormalization,
  Sign: sign,
  Softmax: softmax,
};

const cpuExpansions: Readonly<Record<Real, Readonly<Record<string, Expansion>>>> = {
  float32: { ReduceLogSumExp: logSumExp },
  float64: { ReduceLogSumExp: logSumExp, Erf: erf, Gelu: gelu },
};
