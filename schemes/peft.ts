import { join } from 'node:path';
import { makeFolder } from '../engine/make-folder.js';
import { writeFileWhole } from '../engine/index.js';
import { writeSafetensors, type LanguageModel } from '../models/index.js';

/** What PEFT has to know of a LoRA. */
export interface Adapter {
  readonly rank: number;
  readonly alpha: number;
  readonly modules: readonly string[];
}

/**
 * Writes the trained parameters of a model under LoRA as an adapter in the format of PEFT (Hugging Face; its documentation's "PEFT
 * checkpoint format"), in float32: `PeftModel.from_pretrained(base, folder)` has the trained model.
 */
export function saveAdapter(folder: string, { architecture, parameters }: LanguageModel, base: string, adapter: Adapter): void {
  const tensors = parameters.trainable.map((parameter) => ({
    name: `base_model.model.${parameter.name}`,
    shape: parameter.shape,
    data: parameters.values(parameter),
  }));
  makeFolder(folder);
  writeSafetensors(join(folder, 'adapter_model.safetensors'), tensors, 'F32', { format: 'pt' });
  // PEFT has no task for models that predict masked tokens; null loads them as they are.
  const task = architecture.attends(-1) ? null : 'CAUSAL_LM';
  writeFileWhole(join(folder, 'adapter_config.json'), `${JSON.stringify(adapterConfig(base, task, adapter), null, 2)}\n`);
}

const adapterConfig = (base: string, task: string | null, { rank, alpha, modules }: Adapter): object => ({
  peft_type: 'LORA',
  task_type: task,
  base_model_name_or_path: base,
  r: rank,
  lora_alpha: alpha,
  lora_dropout: 0,
  target_modules: modules,
  bias: 'none',
  fan_in_fan_out: false,
  inference_mode: true,
});
