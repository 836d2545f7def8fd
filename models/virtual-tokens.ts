import { integers, operators, UsageError, type Scope, type Tensors, type Value } from '../engine/index.js';
import type { Backbone, WithVirtualTokens } from './family.js';

const { concat, gather, reshape } = operators;

/** The row of [virtual embeddings; embeddings of the batch's tokens, one after another] that each token of the batch takes. */
const ROWS = 'embedding_rows';

/**
 * The model with `count` virtual tokens before every text: ids from the vocabulary's size on. They are tokens like any other but for
 * their embeddings, so they take up positions.
 * @throws UsageError where they leave no room for a text.
 */
export function withVirtualTokens(backbone: Backbone, count: number): WithVirtualTokens {
  const { vocabularySize, maxLength } = backbone.dimensions;
  if (count >= maxLength) throw new UsageError(`${count} virtual tokens leave no room for a text: the model takes ${maxLength} tokens`);
  return {
    ...backbone,
    dimensions: { ...backbone.dimensions, maxLength: maxLength - count },
    virtualTokens: Array.from({ length: count }, (_, index) => vocabularySize + index),
    tokenInputs: (ids, batch, sequence) => tokenInputs(ids, [batch, sequence], vocabularySize, count),
  };
}

function tokenInputs(ids: Int32Array, dims: readonly number[], vocabularySize: number, count: number): Tensors {
  if (count === 0) return { token_ids: integers(dims, ids) };
  return {
    // Any row will do for a virtual token: it is not taken.
    token_ids: integers(
      dims,
      ids.map((id) => (id < vocabularySize ? id : 0)),
    ),
    [ROWS]: integers(
      dims,
      ids.map((id, token) => (id < vocabularySize ? count + token : id - vocabularySize)),
    ),
  };
}

/** The embeddings [batch, sequence, width] of the batch's tokens, those of its virtual tokens being rows of `virtual` [count, width]. */
export function embedVirtual(scope: Scope, words: Value, virtual: Value): Value {
  const width = operators.at(virtual.shape, 1);
  const all = concat([virtual, reshape(words, ['batch*sequence', width])], 0);
  return gather(all, scope.input(ROWS, 'int64', ['batch', 'sequence']));
}
