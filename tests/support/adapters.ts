import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { noiseKey, standardNormal } from '../../engine/index.js';
import { writeSafetensors, type StorageType, type TensorData } from '../../models/safetensors.js';
import { tinyModel, tinyConfigs, type TinyFamily } from './tiny-model.js';

/** adapter_config.json as PEFT 0.17 writes it, its defaults spelt out. */
export const peftConfig = {
  alpha_pattern: {},
  auto_mapping: null,
  base_model_name_or_path: '../base',
  bias: 'none',
  corda_config: null,
  eva_config: null,
  exclude_modules: null,
  fan_in_fan_out: false,
  inference_mode: true,
  init_lora_weights: true,
  layer_replication: null,
  layers_pattern: null,
  layers_to_transform: null,
  loftq_config: {},
  lora_alpha: 16,
  lora_bias: false,
  lora_dropout: 0.05,
  megatron_config: null,
  megatron_core: 'megatron.core',
  modules_to_save: null,
  peft_type: 'LORA',
  qalora_group_size: 16,
  r: 4,
  rank_pattern: {},
  revision: null,
  target_modules: ['v_proj', 'q_proj'],
  target_parameters: null,
  task_type: 'CAUSAL_LM',
  trainable_token_indices: null,
  use_dora: false,
  use_qalora: false,
  use_rslora: false,
};

/** A tensor of N(0, 0.3^2) numbers, other ones for each name. */
export function noiseTensor(name: string, shape: readonly [number, number]): TensorData {
  const key = noiseKey(5, name);
  return { name, shape, data: Float32Array.from({ length: shape[0] * shape[1] }, (_, i) => 0.3 * standardNormal(key, i)) };
}

/** The factors of a linear layer by PEFT's names. */
export const factorsOf = (layer: string, outputs: number, inputs: number, rank: number): TensorData[] => [
  noiseTensor(`base_model.model.${layer}.lora_A.weight`, [rank, inputs]),
  noiseTensor(`base_model.model.${layer}.lora_B.weight`, [outputs, rank]),
];

/** Writes an adapter's folder. */
export function writeAdapter(folder: string, config: object, tensors: readonly TensorData[], dtype: StorageType = 'F32'): string {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'adapter_config.json'), JSON.stringify(config));
  writeSafetensors(join(folder, 'adapter_model.safetensors'), tensors, dtype);
  return folder;
}

/** Writes a tiny model as a checkpoint without a tokenizer. */
export function writeBase(folder: string, family: TinyFamily): string {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'config.json'), JSON.stringify(tinyConfigs[family]));
  const { parameters } = tinyModel(family);
  const tensors = parameters.all.map((parameter) => ({ name: parameter.name, shape: parameter.shape, data: parameters.values(parameter) }));
  writeSafetensors(join(folder, 'model.safetensors'), tensors, 'F32');
  return folder;
}
