import { trainByteLevelBpe } from './tokenizer/byte-level.js';
import { trainLlamaBpe } from './tokenizer/llama.js';
import { trainRobertaBpe } from './tokenizer/roberta.js';
import type { TokenizerJson } from './tokenizer/tokenizer-json.js';

/** A model before it is trained. */
export interface NewModel {
  /** config.json, in the family's own terms. */
  readonly config: Readonly<Record<string, unknown>>;
  /** tokenizer_config.json: which tokens play which role. */
  readonly tokenizerConfig: Readonly<Record<string, unknown>>;
  readonly trainTokenizer: (texts: Iterable<string>, vocabularySize: number) => TokenizerJson;
}

export const VOCABULARY_SIZE = 1536;
const WIDTH = 128;
const LAYERS = 4;
const HEADS = 4;
const MAX_LENGTH = 256;
/** About 1 / sqrt(WIDTH), for what is drawn at random; the families' own 0.02 is for a width of 768 and more. */
const INITIAL_DEVIATION = 0.08;

/** With four heads it learnt less well who did what in a passage: FO-Adam did not bring it beyond an F1 of 85 % on SQuAD. */
const opt: NewModel = {
  config: {
    architectures: ['OPTForCausalLM'],
    model_type: 'opt',
    vocab_size: VOCABULARY_SIZE,
    hidden_size: WIDTH,
    word_embed_proj_dim: WIDTH,
    num_hidden_layers: LAYERS,
    num_attention_heads: 2 * HEADS,
    ffn_dim: 4 * WIDTH,
    max_position_embeddings: MAX_LENGTH,
    init_std: INITIAL_DEVIATION,
    do_layer_norm_before: true,
    activation_function: 'relu',
    dropout: 0,
    pad_token_id: 1,
    bos_token_id: 2,
    eos_token_id: 2,
    tie_word_embeddings: true,
    torch_dtype: 'float16',
  },
  tokenizerConfig: { bos_token: '</s>', eos_token: '</s>', pad_token: '<pad>', unk_token: '<unk>', add_bos_token: true },
  trainTokenizer: (texts, vocabularySize) => trainByteLevelBpe(texts, vocabularySize),
};

const llama: NewModel = {
  config: {
    architectures: ['LlamaForCausalLM'],
    model_type: 'llama',
    vocab_size: VOCABULARY_SIZE,
    hidden_size: WIDTH,
    intermediate_size: 344,
    num_hidden_layers: LAYERS,
    num_attention_heads: HEADS,
    num_key_value_heads: HEADS,
    max_position_embeddings: MAX_LENGTH,
    hidden_act: 'silu',
    rms_norm_eps: 1e-5,
    rope_theta: 10000,
    initializer_range: INITIAL_DEVIATION,
    rope_scaling: null,
    attention_bias: false,
    mlp_bias: false,
    bos_token_id: 1,
    eos_token_id: 2,
    tie_word_embeddings: true,
    torch_dtype: 'float16',
  },
  tokenizerConfig: { bos_token: '<s>', eos_token: '</s>', pad_token: '<unk>', unk_token: '<unk>', add_bos_token: true },
  trainTokenizer: (texts, vocabularySize) => trainLlamaBpe(texts, vocabularySize),
};

/**
 * Of Mistral-7B's proportions: an inner width of 3.5 hidden widths, fewer key heads than query heads, a window of half its positions. Tries
 * with four query heads and two key heads did not learn to find answers in passages.
 */
const mistral: NewModel = {
  config: {
    architectures: ['MistralForCausalLM'],
    model_type: 'mistral',
    vocab_size: VOCABULARY_SIZE,
    hidden_size: WIDTH,
    intermediate_size: 3.5 * WIDTH,
    num_hidden_layers: LAYERS,
    num_attention_heads: 2 * HEADS,
    num_key_value_heads: HEADS,
    max_position_embeddings: MAX_LENGTH,
    sliding_window: MAX_LENGTH / 2,
    hidden_act: 'silu',
    rms_norm_eps: 1e-5,
    rope_theta: 10000,
    initializer_range: INITIAL_DEVIATION,
    bos_token_id: 1,
    eos_token_id: 2,
    tie_word_embeddings: true,
    torch_dtype: 'float16',
  },
  tokenizerConfig: llama.tokenizerConfig,
  trainTokenizer: llama.trainTokenizer,
};

const roberta: NewModel = {
  config: {
    architectures: ['RobertaForMaskedLM'],
    model_type: 'roberta',
    vocab_size: VOCABULARY_SIZE,
    hidden_size: WIDTH,
    num_hidden_layers: LAYERS,
    num_attention_heads: HEADS,
    intermediate_size: 4 * WIDTH,
    max_position_embeddings: MAX_LENGTH + 2, // RoBERTa's places begin after that of padding
    type_vocab_size: 1,
    layer_norm_eps: 1e-5,
    initializer_range: INITIAL_DEVIATION,
    hidden_act: 'gelu',
    hidden_dropout_prob: 0,
    attention_probs_dropout_prob: 0,
    pad_token_id: 1,
    bos_token_id: 0,
    eos_token_id: 2,
    tie_word_embeddings: true,
    torch_dtype: 'float16',
  },
  tokenizerConfig: {
    bos_token: '<s>',
    eos_token: '</s>',
    pad_token: '<pad>',
    unk_token: '<unk>',
    cls_token: '<s>',
    sep_token: '</s>',
    mask_token: '<mask>',
  },
  trainTokenizer: trainRobertaBpe,
};

/** By family: about a million parameters each, shaped like the smallest of the family. */
export const newModels = { opt, llama, mistral, roberta } as const;
