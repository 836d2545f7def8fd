import { float32Of, operators, type CountedTokens, type Scope, type Tensors, type Value } from '../engine/index.js';
import type { AttentionLayer, Hooks, LinearLayer } from './family.js';

/** Added to an attention score that must not count. */
export const HIDDEN = -1e30;

const {
  add,
  at,
  layerNormalization,
  gelu,
  gemm,
  matmul,
  relu,
  reshape,
  rmsNormalization,
  scale,
  sigmoid,
  multiply,
  softmax,
  transpose,
  gather,
} = operators;

/** Tokens of a batch one after another: hidden states are [batch*sequence, width], so that linear layers are plain products. */
export const TOKENS = 'batch*sequence';

/** The embeddings [tokens, width] of the batch's tokens, by the table of that name. */
export function tokenEmbeddings(scope: Scope, name: string, shape: readonly [number, number], hooks: Hooks): Value {
  const words = scope.rows(`${name}.weight`, shape, scope.input('token_ids', 'int64', ['batch', 'sequence']));
  return reshape(hooks.embedding ? hooks.embedding(scope, words) : words, [TOKENS, shape[1]]);
}

/** x W^T + b, the weight stored as in the checkpoint: [outputs, inputs]. */
export function linear(scope: Scope, x: Value, layer: LinearLayer, bias: boolean, hooks: Hooks): Value {
  const weight = scope.parameter(`${layer.name}.weight`, [layer.outputs, layer.inputs]);
  const y = gemm(x, weight, { transposeB: true, c: bias ? scope.parameter(`${layer.name}.bias`, [layer.outputs]) : undefined });
  return hooks.linear ? hooks.linear(scope, layer, x, y) : y;
}

export function layerNorm(scope: Scope, x: Value, name: string, width: number, epsilon: number): Value {
  const gain = scope.parameter(`${name}.weight`, [width]);
  return layerNormalization(x, gain, scope.parameter(`${name}.bias`, [width]), epsilon).output;
}

export function rmsNorm(scope: Scope, x: Value, name: string, width: number, epsilon: number): Value {
  return rmsNormalization(x, scope.parameter(`${name}.weight`, [width]), epsilon).output;
}

export { gelu, relu };

/** x sigmoid(x) */
export const silu = (x: Value): Value => multiply(x, sigmoid(x));

/**
 * Attention of queries [tokens, queryHeads * headSize] to keys and values [tokens, keyHeads * headSize] under the additive
 * `attention_bias` [batch, sequence, sequence]; `rotate` turns heads [batch, heads, sequence, headSize] by their positions. Query heads
 * share key and value heads in groups of queryHeads / keyHeads (grouped-query attention).
 */
export function attention(
  scope: Scope,
  layer: AttentionLayer,
  [queries, keys, values]: readonly [Value, Value, Value],
  hooks: Hooks,
  rotate: (heads: Value) => Value = (heads) => heads,
): Value {
  const { queryHeads, keyHeads, headSize } = layer;
  const bias = scope.input('attention_bias', 'real', ['batch', 'sequence', 'sequence']);
  const split = (x: Value, heads: number): Value => transpose(reshape(x, ['batch', 'sequence', heads, headSize], bias), [0, 2, 1, 3]);
  const q = rotate(split(scale(queries, headSize ** -0.5), queryHeads)); // [batch, queryHeads, sequence, headSize]
  const own = {
    keys: rotate(split(keys, keyHeads)),
    values: split(values, keyHeads),
    bias: reshape(bias, ['batch', 1, 'sequence', 'sequence']),
  };
  const seen = hooks.attention ? hooks.attention(scope, layer, own) : own;
  const length = at(seen.keys.shape, 2);
  const k = transpose(seen.keys, [0, 1, 3, 2]); // [batch, keyHeads, headSize, length]
  const group = queryHeads / keyHeads;
  const grouped = `${group}*sequence`;
  // The queries of a group lie one after another, so they attend to their shared keys in one product.
  const together = group === 1 ? q : reshape(q, ['batch', keyHeads, grouped, headSize]);
  const products = matmul(together, k);
  const scores = group === 1 ? products : reshape(products, ['batch', queryHeads, 'sequence', length]);
  const weights = softmax(add(scores, seen.bias));
  const mixed = matmul(group === 1 ? weights : reshape(weights, ['batch', keyHeads, grouped, length]), seen.values);
  const heads = group === 1 ? mixed : reshape(mixed, ['batch', queryHeads, 'sequence', headSize]);
  return reshape(transpose(heads, [0, 2, 1, 3]), [TOKENS, queryHeads * headSize]);
}

/** All tokens but padding, which not even itself attends to. */
export function countedTokens(batch: Tensors): CountedTokens {
  const bias = float32Of(batch, 'attention_bias');
  const [rows = 0, sequence = 0] = batch.attention_bias?.dims ?? [];
  const counts = Float32Array.from({ length: rows * sequence }, (_, token) => Number(bias[token * sequence + (token % sequence)] === 0));
  return { axis: TOKENS, counts };
}

/** The hidden states at `read_positions`: only where a logit counts does the rest of the model go on. */
export function readPositions(scope: Scope, hidden: Value): Value {
  return gather(hidden, scope.input('read_positions', 'int64', ['reads']));
}
