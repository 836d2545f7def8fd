import { float32Of, operators, UsageError, type Parameter, type Tensors, type Value } from '../engine/index.js';
import type { AttentionLayer, Hooks, LoadedModel } from '../models/index.js';
import { choice, count, flag } from '../options/index.js';
import { defineScheme } from './define.js';
import { ownVectors, reparametrisedVectors, type PrefixVectors, type Which } from './prefix-vectors.js';
import { savePrefixes } from './prefix-peft.js';
import { randomTokens } from './random.js';
import { readThrough } from './read-through.js';

const { add, concat, padLast, reshape, slice, transpose, zeros } = operators;

/**
 * Prefix tuning (Li and Liang 2021, arXiv:2101.00190; MeZO: Malladi et al. 2023, arXiv:2305.17333, appendix E.5 and released code):
 * `length` trained keys and values before those of every layer's tokens, and they alone move. Every token sees them, also beyond a
 * sliding window. They take up no positions: the first token of a text stays at place 0. Keys are as a cache holds them, after the
 * rotation by positions. They begin as the keys and values that the model itself makes of random tokens.
 *
 * Beyond the released code, which knows OPT and RoBERTa: grouped-query attention, with vectors of as many heads as there are keys, and
 * activations to begin with in every family.
 */
export const prefix = defineScheme({
  id: 'prefix',
  epsilon: 0.1, // MeZO's and ZO-Bench's
  options: {
    length: count(5, 'keys and values per layer'),
    init: choice(['activations', 'random'], "they begin as random tokens' keys and values, or as N(0, 1)"),
    reparam: flag('each layer makes them of shared embeddings with a layer of tanh, all of which begins at random'),
  },
  create({ length, init, reparam }) {
    if (reparam && init !== 'activations') throw new UsageError('scheme prefix: reparam always begins at random: leave out init');
    const vectors = (reparam ? reparametrisedVectors : ownVectors)(length);
    return (seed) => ({
      hooks: prefixHooks(vectors, length),
      trains: isPrefix,
      adds: isPrefix,
      initialise: (name, _, values) => vectors.initialise(name, values, seed),
      save: (folder, model, base) => savePrefixes(folder, model, base, vectors, length),
      ...(!reparam && init === 'activations' && { initialiseFrom: (model) => beginAsActivations(model, length, seed) }),
    });
  },
});

const isPrefix = (parameter: string): boolean => /(^|\.)prefix_/.test(parameter);

function prefixHooks(vectors: PrefixVectors, length: number): Hooks {
  return {
    before: vectors.before,
    attention(scope, layer, { keys, values, bias }) {
      const vector = (which: Which): Value => forEveryText(vectors.of(scope, layer, which), length, layer, bias);
      return {
        keys: concat([vector('keys'), keys], 2),
        values: concat([vector('values'), values], 2),
        bias: padLast(bias, length, 0),
      };
    },
  };
}

/** Vectors [length, keyHeads * headSize] as [batch, keyHeads, length, headSize]; the batch is as large as that of `bias`. */
function forEveryText(vectors: Value, length: number, { keyHeads, headSize }: AttentionLayer, bias: Value): Value {
  const heads = transpose(reshape(vectors, [length, keyHeads, headSize]), [1, 0, 2]);
  return add(heads, zeros(slice(slice(bias, 2, 0, 1), 3, 0, 1)));
}

async function beginAsActivations(model: LoadedModel, length: number, seed: number): Promise<void> {
  const { vocabularySize } = model.seenThrough({}).dimensions;
  const observed: Hooks = {
    attention(scope, _, seen) {
      scope.output('keys', seen.keys);
      scope.output('values', seen.values);
      return seen;
    },
  };
  for await (const { stage, made } of readThrough(model, observed, randomTokens(length, seed, vocabularySize))) {
    for (const parameter of model.parameters.all) {
      if (parameter.stage === stage.name && isPrefix(parameter.name))
        model.parameters.values(parameter).set(activationsFor(parameter, made));
    }
  }
}

/** Keys or values [1, keyHeads, length, headSize] as the parameter has them: [length, keyHeads * headSize]. */
function activationsFor({ local, count: total }: Parameter, made: Tensors): Float32Array {
  const name: Which = local.endsWith('keys') ? 'keys' : 'values';
  const [, keyHeads = 0, length = 0, headSize = 0] = made[name]?.dims ?? [];
  const from = float32Of(made, name);
  const values = new Float32Array(total);
  for (let head = 0; head < keyHeads; head++) {
    for (let token = 0; token < length; token++) {
      const start = (head * length + token) * headSize;
      values.set(from.subarray(start, start + headSize), (token * keyHeads + head) * headSize);
    }
  }
  return values;
}
