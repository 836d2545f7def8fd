import type { Scope, Stage, Tensors, Value } from '../engine/index.js';
import type { Json } from './config.js';

/** What a fine-tuning scheme changes in a model's graphs; what it leaves out stays as it is. */
export interface Hooks {
  /** From the input x [n, inputs] and the output y [n, outputs] of a linear layer makes what replaces y. */
  readonly linear?: (scope: Scope, layer: LinearLayer, x: Value, y: Value) => Value;
  /** Makes what replaces that which the queries of a layer see. */
  readonly attention?: (scope: Scope, layer: AttentionLayer, seen: Seen) => Seen;
  /** Makes what replaces the embeddings [batch, sequence, width] of the batch's tokens. */
  readonly embedding?: (scope: Scope, words: Value) => Value;
  /** So many tokens beyond the vocabulary come before every text; `embedding` gives them theirs. */
  readonly virtualTokens?: number;
  /** The output embedding is a parameter of its own even where the model ties it to the input's. */
  readonly untiesHead?: boolean;
  /** Stages that run before the model's. */
  readonly before?: readonly Stage[];
  /** Is told the names of the model's linear layers. Throws UsageError where the scheme cannot do with them. */
  readonly checkLayers?: (names: readonly string[]) => void;
}

/** A linear layer, named as in the checkpoint, without `.weight`. */
export interface LinearLayer {
  readonly name: string;
  readonly inputs: number;
  readonly outputs: number;
}

/** A layer of attention, named as in the checkpoint. */
export interface AttentionLayer {
  readonly name: string;
  readonly queryHeads: number;
  readonly keyHeads: number;
  readonly headSize: number;
}

/** What the queries of a layer attend to. Keys are as a cache holds them: turned by their positions where the family does that. */
export interface Seen {
  /** [batch, keyHeads, length, headSize] */
  readonly keys: Value;
  readonly values: Value;
  /** Added to the scores of all heads: [batch, 1, sequence, length] */
  readonly bias: Value;
}

/** Sizes every family has. */
export interface Dimensions {
  readonly hiddenSize: number;
  readonly layers: number;
  /** Heads of keys and values in each layer; those of queries may be more. */
  readonly keyHeads: number;
  readonly headSize: number;
  readonly vocabularySize: number;
  /** Longest text the positions allow, in tokens; what comes before every text is taken off. */
  readonly maxLength: number;
}

/** What turns features into logits, by full names. */
export interface Head {
  /** [vocabulary, width] */
  readonly name: string;
  readonly shape: readonly [number, number];
  /** [vocabulary], where there is one. */
  readonly bias?: string;
}

/**
 * A model family, bound to one configuration. Its stages lead from `token_ids` [batch, sequence] to `features` [reads, width],
 * the final hidden states at the flat positions `read_positions` [reads].
 */
export interface Backbone {
  readonly dimensions: Dimensions;
  /** What its configuration says and nobody here knows, a line each. */
  readonly warnings: readonly string[];
  /** The output embedding, tied to the input's or not. */
  readonly head: Head;
  readonly stages: readonly Stage[];
  /** Other names that checkpoints of the family store a parameter under. */
  alternatives(parameter: string): readonly string[];
  /** Whether a token attends to the one `distance` places before it in its sequence (after it where negative); to itself it always does. */
  readonly attends: (distance: number) => boolean;
  /** Position tensors of a batch: `positions` [batch, sequence] counts a token's predecessors in its sequence, -1 marks padding. */
  readonly positionInputs: (positions: Int32Array, batch: number, sequence: number) => Tensors;
}

/** A model with what a scheme put before its texts. */
export interface Architecture extends WithVirtualTokens {
  /** `stages` for tokens that continue a text of which keys and values are kept: see `seeingThePast`. */
  readonly decodingStages: readonly Stage[];
}

export interface WithVirtualTokens extends Backbone {
  /** Ids, beyond the vocabulary, of the tokens that come before every text. */
  readonly virtualTokens: readonly number[];
  /** Token tensors of a batch of ids [batch, sequence], virtual ones among them. */
  readonly tokenInputs: (ids: Int32Array, batch: number, sequence: number) => Tensors;
}

/** A token sees what came before it, not what comes: such a model predicts the next token. */
export const causal = (distance: number): boolean => distance >= 0;

/** A token sees its whole sequence: such a model predicts the token in a mask's place. */
export const bidirectional = (): boolean => true;

/** Of a tied pair of parameters the other one. */
export function partnerOf(parameter: string, embedding: string, head: string): readonly string[] {
  if (parameter === embedding) return [head];
  return parameter === head ? [embedding] : [];
}

/** A name as it is, then without its outer prefixes, one after another: models without a head are saved that way. */
export function outerNames(name: string, prefixes: readonly string[]): readonly string[] {
  const [prefix, ...inner] = prefixes;
  if (prefix === undefined || !name.startsWith(prefix)) return [name];
  return [name, ...outerNames(name.slice(prefix.length), inner)];
}

/** Builds a family's architecture from a parsed config.json. Throws InputError naming `file` and the field. */
export type BackboneOf = (config: Json, file: string, hooks: Hooks) => Backbone;
