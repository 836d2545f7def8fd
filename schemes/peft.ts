import { join } from 'node:path';
import { makeFolder } from '../engine/make-folder.js';
import { writeFileWhole } from '../engine/index.js';
import { writeSafetensors, type LanguageModel } from '../models/index.js';

// What was trained, in the format of PEFT (Hugging Face; its documentation's "PEFT checkpoint format"), in float32:
// `PeftModel.from_pretrained(base, folder)` has the trained model.

/** What PEFT has to know of a LoRA. */
export interface Adapter {
  readonly rank: number;
  readonly alpha: number;
  readonly modules: readonly string[];
}

/** Writes the trained parameters of a model under LoRA. `base` is what the checkpoint is known by. */
export function saveAdapter(folder: string, { architecture, parameters }: LanguageModel, base: string, adapter: Adapter): void {
  const tensors = parameters.trainable.map((parameter) => ({
    name: `base_model.model.${parameter.name}`,
    shape: parameter.shape,
    data: parameters.values(parameter),
  }));
  write(folder, tensors, {
    peft_type: 'LORA',
    // PEFT has no task for models that predict masked tokens; null loads them as they are.
    task_type: architecture.attends(-1) ? null : CAUSAL,
    base_model_name_or_path: base,
    r: adapter.rank,
    lora_alpha: adapter.alpha,
    lora_dropout: 0,
    target_modules: adapter.modules,
    bias: 'none',
    fan_in_fan_out: false,
    inference_mode: true,
  });
}

/** Rows of what is put before a text or before the keys and values of all layers: [tokens, width]. */
export interface VirtualTokens {
  readonly tokens: number;
  readonly width: number;
  readonly values: Float32Array;
}

/** Writes virtual tokens' embeddings. */
export function savePrompt(folder: string, { architecture }: LanguageModel, base: string, prompt: VirtualTokens): void {
  // For models that predict masked tokens, that which hands on what the model gives.
  const task = architecture.attends(-1) ? 'FEATURE_EXTRACTION' : CAUSAL;
  write(folder, [rows(prompt)], { peft_type: 'PROMPT_TUNING', task_type: task, ...learnedPrompt(base, architecture, prompt) });
}

/** Writes keys and values of virtual tokens: a row has those of the first layer, then those of the second, and so on. */
export function savePrefix(folder: string, { architecture }: LanguageModel, base: string, prefix: VirtualTokens): void {
  const { keyHeads, headSize } = architecture.dimensions;
  write(folder, [rows(prefix)], {
    peft_type: 'PREFIX_TUNING',
    task_type: CAUSAL,
    ...learnedPrompt(base, architecture, { ...prefix, width: keyHeads * headSize }),
    num_attention_heads: keyHeads,
    prefix_projection: false,
  });
}

const CAUSAL = 'CAUSAL_LM';

const rows = ({ tokens, width, values }: VirtualTokens) => ({ name: 'prompt_embeddings', shape: [tokens, width], data: values });

const learnedPrompt = (
  base: string,
  { dimensions }: LanguageModel['architecture'],
  { tokens, width }: Pick<VirtualTokens, 'tokens' | 'width'>,
): object => ({
  base_model_name_or_path: base,
  num_virtual_tokens: tokens,
  token_dim: width,
  num_layers: dimensions.layers,
  num_transformer_submodules: 1,
  inference_mode: true,
});

function write(folder: string, tensors: Parameters<typeof writeSafetensors>[1], config: object): void {
  makeFolder(folder);
  writeSafetensors(join(folder, 'adapter_model.safetensors'), tensors, 'F32', { format: 'pt' });
  writeFileWhole(join(folder, 'adapter_config.json'), `${JSON.stringify(config, null, 2)}\n`);
}
