import { noiseKey, Parameters, standardNormal, uniforms } from '../../engine/index.js';
import {
  architectureOf,
  emptyModel,
  unadapted,
  type Adaptation,
  type Architecture,
  type Hooks,
  type LanguageModel,
} from '../../models/index.js';
import { schemeNamed } from '../../schemes/index.js';
import { choiceBatch, type Batch, type EncodedExample } from '../../tasks/index.js';

export const VOCABULARY = 48;
export const PAD_ID = 1;
export const MASK_ID = 3;
const FIRST_WORD = 4;

/** Two layers of width 16, 32 positions. */
export const tinyConfigs = {
  opt: {
    model_type: 'opt',
    vocab_size: VOCABULARY,
    hidden_size: 16,
    num_hidden_layers: 2,
    num_attention_heads: 2,
    ffn_dim: 32,
    max_position_embeddings: 32,
    activation_function: 'relu',
    tie_word_embeddings: true,
  },
  llama: {
    model_type: 'llama',
    vocab_size: VOCABULARY,
    hidden_size: 16,
    intermediate_size: 24,
    num_hidden_layers: 2,
    num_attention_heads: 4,
    num_key_value_heads: 2,
    max_position_embeddings: 32,
    hidden_act: 'silu',
    tie_word_embeddings: false,
  },
  mistral: {
    model_type: 'mistral',
    vocab_size: VOCABULARY,
    hidden_size: 16,
    intermediate_size: 24,
    num_hidden_layers: 2,
    num_attention_heads: 4,
    num_key_value_heads: 2,
    max_position_embeddings: 32,
    sliding_window: 3,
    hidden_act: 'silu',
  },
  roberta: {
    model_type: 'roberta',
    vocab_size: VOCABULARY,
    hidden_size: 16,
    num_hidden_layers: 2,
    num_attention_heads: 2,
    intermediate_size: 32,
    max_position_embeddings: 34,
    type_vocab_size: 1,
  },
} as const;

export type TinyFamily = keyof typeof tinyConfigs;
/** Those that predict the next token. */
export const tinyFamilies: readonly TinyFamily[] = ['opt', 'llama', 'mistral'];

/** A model with random weights, large enough that its probabilities differ clearly. */
export function tinyModel(family: TinyFamily, adaptation: Adaptation = unadapted, parameters = new Parameters()): LanguageModel {
  const architecture = architectureOf(tinyConfigs[family], 'config.json', adaptation.hooks);
  const model = emptyModel(architecture, (name) => adaptation.trains(name), undefined, parameters);
  for (const parameter of model.parameters.all) {
    const values = model.parameters.values(parameter);
    if (adaptation.adds(parameter.name)) adaptation.initialise(parameter.name, parameter.shape, values);
    else fillRandomly(values, parameter.name, parameter.shape);
  }
  return model;
}

/** The model under a scheme by name, with all that the scheme begins with, as {@link tinyModel} has it but for the seed. */
export async function schemedModel(family: TinyFamily, scheme: string, seed = 3): Promise<LanguageModel> {
  const adaptation = schemeNamed(scheme).adaptation(seed);
  const model = tinyModel(family, adaptation);
  const seenThrough = (hooks: Hooks): Architecture => architectureOf(tinyConfigs[family], 'config.json', hooks);
  await adaptation.initialiseFrom?.({ parameters: model.parameters, seenThrough });
  return model;
}

/** Matrices N(0, 0.3^2), biases N(0, 0.1^2), gains N(1, 0.1^2). */
export function fillRandomly(values: Float32Array, name: string, shape: readonly number[]): void {
  const key = noiseKey(1, name);
  const mean = shape.length === 1 && !name.endsWith('.bias') ? 1 : 0;
  const deviation = shape.length === 2 ? 0.3 : 0.1;
  for (let i = 0; i < values.length; i++) values[i] = mean + deviation * standardNormal(key, i);
}

/** Reproducible whole numbers from `low` to `high`. */
export function integersBetween(seed: number): (low: number, high: number) => number {
  const uniform = uniforms(seed);
  return (low, high) => low + Math.floor(uniform() * (high - low + 1));
}

function words(count: number, between: (low: number, high: number) => number): number[] {
  return Array.from({ length: count }, () => between(FIRST_WORD, VOCABULARY - 1));
}

/** Batches of choices for a model. */
export const choosing =
  (model: LanguageModel) =>
  (examples: readonly EncodedExample[]): Batch =>
    choiceBatch(model, examples, PAD_ID);

/** Prompts of 2 to 12 random tokens, each followed by the same two one-token candidates. */
export function oneTokenExamples(count: number, seed: number): EncodedExample[] {
  const between = integersBetween(seed);
  return Array.from({ length: count }, () => ({
    trunk: [2, ...words(between(1, 11), between)],
    branches: [7, 9].map((token) => ({ tokens: [token], scored: 1 })),
    answer: between(0, 1),
  }));
}

/** Prompts of 2 to 8 random tokens, each followed by two to four candidates of one to four tokens; some branches begin with a token of the prompt's. */
export function raggedExamples(count: number, seed: number): EncodedExample[] {
  const between = integersBetween(seed);
  return Array.from({ length: count }, () => {
    const branches = Array.from({ length: between(2, 4) }, () => {
      const scored = between(1, 4);
      return { tokens: words(scored + between(0, 1), between), scored };
    });
    return { trunk: [2, ...words(between(1, 7), between)], branches, answer: between(0, branches.length - 1) };
  });
}

/** Texts of 3 to 14 tokens, one of them the mask, not the last, and three candidates. */
export function maskedExamples(count: number, seed: number): EncodedExample[] {
  const between = integersBetween(seed);
  return Array.from({ length: count }, () => {
    const trunk = Array.from({ length: between(3, 14) }, () => between(4, VOCABULARY - 1));
    const mask = between(0, trunk.length - 2);
    trunk[mask] = MASK_ID;
    return { trunk, mask, branches: [7, 9, 30].map((token) => ({ tokens: [token], scored: 1 })), answer: between(0, 2) };
  });
}
