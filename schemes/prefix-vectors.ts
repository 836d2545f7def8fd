import { operators, type Scope, type Stage, type Value } from '../engine/index.js';
import type { AttentionLayer } from '../models/index.js';
import { fillNormal, fillUniform } from './random.js';

const { gemm, scalar, scale, sigmoid, subtract } = operators;

export type Which = 'keys' | 'values';

/** Where a prefix's keys and values come from: what moves is called `prefix_...`. */
export interface PrefixVectors {
  /** Stages that run before the model's. */
  readonly before: readonly Stage[];
  /** [length, keyHeads * headSize] */
  of(scope: Scope, layer: AttentionLayer, which: Which): Value;
  /** At random. */
  initialise(name: string, values: Float32Array, seed: number): void;
  /** The same as `of` gives, from the values of a layer's parameters by the ends of their names. */
  valuesOf(values: (end: string) => Float32Array, which: Which): Float32Array;
}

/** The vectors themselves, at first N(0, 1). */
export const ownVectors = (length: number): PrefixVectors => ({
  before: [],
  of: (scope, { name, keyHeads, headSize }, which) => scope.parameter(`${name}.prefix_${which}`, [length, keyHeads * headSize]),
  initialise: (name, values, seed) => fillNormal(values, seed, name),
  valuesOf: (values, which) => values(`prefix_${which}`),
});

const EMBEDDINGS = 'prefix_embeddings';

/** Width of the embeddings, and of the hidden layer, in MeZO. */
const WIDTH = 512;

/**
 * Reparametrised as in MeZO: every layer's keys, and its values, are those that a layer of tanh of its own makes of embeddings which all
 * share; P = W_2 tanh(W_1 E + b_1) + b_2. The embeddings begin as N(0, 1), the rest as PyTorch's linear layers do.
 */
export const reparametrisedVectors = (length: number): PrefixVectors => ({
  before: [
    {
      name: 'prefix',
      kind: 'prefix',
      prefix: '',
      build: (scope) => scope.output(EMBEDDINGS, scope.parameter(EMBEDDINGS, [length, WIDTH])),
    },
  ],
  of(scope, { name, keyHeads, headSize }, which) {
    const linear = (x: Value, layer: number, outputs: number): Value => {
      const parameter = (part: string, ...shape: number[]): Value => scope.parameter(`${name}.prefix_mlp_${which}.${layer}.${part}`, shape);
      return gemm(x, parameter('weight', outputs, WIDTH), { transposeB: true, c: parameter('bias', outputs) });
    };
    return linear(tanh(linear(scope.input(EMBEDDINGS, 'real', [length, WIDTH]), 0, WIDTH)), 2, keyHeads * headSize);
  },
  initialise(name, values, seed) {
    if (name === EMBEDDINGS) fillNormal(values, seed, name);
    else fillUniform(values, seed, name, WIDTH ** -0.5);
  },
  valuesOf(values, which) {
    const linear = (x: Float32Array, layer: number): Float32Array => {
      const [weight, bias] = ['weight', 'bias'].map((part) => values(`prefix_mlp_${which}.${layer}.${part}`));
      return weight && bias ? linearLayer(x, weight, bias) : x;
    };
    return linear(linear(values(EMBEDDINGS), 0).map(Math.tanh), 2);
  },
});

/** W x + b for each row x [WIDTH]. */
function linearLayer(x: Float32Array, weight: Float32Array, bias: Float32Array): Float32Array {
  const outputs = bias.length;
  return Float32Array.from({ length: (x.length / WIDTH) * outputs }, (_, at) => {
    const [row, output] = [Math.floor(at / outputs), at % outputs];
    let sum = bias[output] ?? NaN;
    for (let i = 0; i < WIDTH; i++) sum += (x[row * WIDTH + i] ?? NaN) * (weight[output * WIDTH + i] ?? NaN);
    return sum;
  });
}

/** 2 sigmoid(2 x) - 1 */
const tanh = (x: Value): Value => subtract(scale(sigmoid(scale(x, 2)), 2), scalar(x, 1));
