/*
 * Fields of config.json that change nothing of what is computed here. Read off transformers 4.57's and 5.24's configuration classes
 * (`PretrainedConfig` and each family's own) and off what the families' published files hold besides.
 */

/** How text is generated; zobench decodes greedily, and tasks say how far. */
const GENERATION: readonly string[] = [
  ...['max_length', 'max_new_tokens', 'min_length', 'do_sample', 'early_stopping', 'num_beams', 'num_beam_groups', 'diversity_penalty'],
  ...['temperature', 'top_k', 'top_p', 'typical_p', 'repetition_penalty', 'length_penalty', 'no_repeat_ngram_size'],
  ...['encoder_no_repeat_ngram_size', 'bad_words_ids', 'num_return_sequences', 'output_scores', 'return_dict_in_generate'],
  ...['forced_bos_token_id', 'forced_eos_token_id', 'remove_invalid_values', 'exponential_decay_length_penalty'],
  ...['suppress_tokens', 'begin_suppress_tokens', 'use_cache'],
];

/** Who plays a role among the tokens: the tokenizer's matter. */
const TOKENS: readonly string[] = [
  ...['bos', 'eos', 'pad', 'sep', 'cls', 'mask', 'unk', 'decoder_start'].map((role) => `${role}_token_id`),
  ...['tokenizer_class', 'prefix'],
];

/** What a head for classes would be called. */
const CLASSES: readonly string[] = ['id2label', 'label2id', 'num_labels', 'problem_type', 'finetuning_task', 'task_specific_params'];

/** What the library does with a model, and where it has it from. */
const LIBRARY: readonly string[] = [
  ...['model_type', 'architectures', 'transformers_version', 'transformers.js_config', 'name_or_path', '_name_or_path', '_commit_hash'],
  ...['dtype', 'torch_dtype', 'use_bfloat16', 'torchscript', 'tf_legacy_loss', 'return_dict', 'use_return_dict'],
  ...['output_hidden_states', 'output_attentions', '_output_attentions', 'output_past', 'tie_last_hidden_states'],
  ...['attn_implementation', '_attn_implementation', '_attn_implementation_internal', '_attn_implementation_autoset'],
  ...['_experts_implementation', '_experts_implementation_internal', 'gradient_checkpointing', 'chunk_size_feed_forward'],
  ...['use_flash_attention', 'use_flash_attention_2', 'use_flash_attn', '_flash_attn_2_enabled', 'use_memory_efficient_attention'],
  ...['unsloth_version', 'unsloth_fixed'],
  'quantization_config', // what opens a checkpoint reads it, and refuses what it does not know
];

const OF_EVERY_FAMILY: ReadonlySet<string> = new Set([...GENERATION, ...TOKENS, ...CLASSES, ...LIBRARY, 'initializer_range']);

/** Nothing is dropped out here. */
const DROPOUT = /dropout|pdrop|layerdrop/;

/** Whether a field of any family changes nothing of what is computed. */
export const isWithoutEffect = (field: string): boolean => OF_EVERY_FAMILY.has(field) || DROPOUT.test(field);

/** Parts of a name that say what is computed. */
const COMPUTED: ReadonlySet<string> = new Set([
  ...['rope', 'rotary', 'alibi', 'position', 'positions', 'scale', 'scales', 'scaling', 'scaler', 'scalar', 'multiplier', 'multipliers'],
  ...['cap', 'caps', 'capping', 'softcap', 'softcapping', 'clip', 'bias', 'biases', 'norm', 'norms', 'layernorm', 'rmsnorm', 'qk', 'qkv'],
  ...['window', 'windows', 'sliding', 'chunk', 'sparse', 'activation', 'activations', 'act', 'gelu', 'glu', 'residual', 'parallel', 'attn'],
  ...['attention', 'cross', 'encoder', 'decoder', 'heads', 'pruned', 'layers', 'layer', 'expert', 'experts', 'moe', 'quantization'],
]);

/** Whether a field that nobody knows changes by its name what a model computes: "final_logit_softcapping", "useQkNorm". */
export function changesTheModel(field: string): boolean {
  const words = field
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .split(/[^a-z0-9]+/);
  return words.some((word) => COMPUTED.has(word));
}
