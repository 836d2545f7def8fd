import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { firstIssue, InputError } from '../engine/index.js';
import { INDEX, SINGLE } from './checkpoint.js';
import { isSet, shown, withoutNulls } from './config.js';
import { readJsonObject } from './json.js';
import { readSafetensorsHeader, type TensorInfo } from './safetensors.js';

/*
 * LoRA adapters in the format of PEFT (Hugging Face, 0.19: `LoraConfig`, and its documentation's "PEFT checkpoint format"):
 * adapter_config.json beside adapter_model.safetensors, with lora_A [r, inputs] and lora_B [outputs, r] of each adapted linear layer.
 */

/** An adapter's folder, read and checked as far as that can be without its base. */
export interface Adapter {
  readonly folder: string;
  /** adapter_config.json */
  readonly configFile: string;
  readonly weightsFile: string;
  /** As adapter_config.json has it: an id on the hub, a folder or the name of a bundled model. */
  readonly base: string;
  /** Of the base on the hub, where one is given. */
  readonly revision: string | undefined;
  readonly rank: number;
  /** The update B A counts so many times. */
  readonly scale: number;
  /** Names the linear layers that are adapted, by their last parts. */
  readonly targets: readonly string[];
  /** Whether every layer that `targets` name must have factors. */
  readonly isEverywhere: boolean;
  /** By the name of the linear layer in the base. */
  readonly factors: ReadonlyMap<string, Factors>;
}

/** y = W x + scale B A x */
export interface Factors {
  /** [r, inputs] */
  readonly a: TensorInfo;
  /** [outputs, r] */
  readonly b: TensorInfo;
}

export const ADAPTER_CONFIG = 'adapter_config.json';
export const ADAPTER_WEIGHTS = 'adapter_model.safetensors';

/** Whether a folder holds an adapter. */
export const isAdapter = (folder: string): boolean => existsSync(join(folder, ADAPTER_CONFIG));

/**
 * The adapter in a folder; undefined where there is none.
 * @throws InputError where it is broken, incomplete or more than a LoRA that can be merged into the weights.
 */
export function readAdapter(folder: string): Adapter | undefined {
  if (!isAdapter(folder)) return undefined;
  const whole = [SINGLE, INDEX].find((name) => existsSync(join(folder, name)));
  if (whole !== undefined)
    throw new InputError(`${folder} has an adapter and ${whole}: a model or an adapter on one? Move one of them elsewhere`);
  const configFile = join(folder, ADAPTER_CONFIG);
  const config = readConfig(configFile);
  const weightsFile = join(folder, ADAPTER_WEIGHTS);
  requireWeights(folder, weightsFile);
  return {
    folder,
    configFile,
    weightsFile,
    base: config.base_model_name_or_path,
    revision: config.revision,
    rank: config.r,
    scale: config.lora_alpha / (config.use_rslora ? Math.sqrt(config.r) : config.r),
    targets: typeof config.target_modules === 'string' ? [] : config.target_modules,
    isEverywhere: config.layers_to_transform === undefined && config.exclude_modules === undefined,
    factors: factorsIn(weightsFile),
  };
}

/** Initial values after which the base's weights are its own; PiSSA, OLoRA, CorDA, LoftQ and LoRA-GA take some of them into A and B. */
const INITIAL = [true, false, 'gaussian', 'eva', 'orthogonal', 'mica'] as const;

/** Of PEFT's fields those that are read. */
const fields = z.object({
  peft_type: z.literal('LORA'),
  base_model_name_or_path: z.string().min(1),
  revision: z.string().optional(),
  r: z.int().positive(),
  lora_alpha: z.number(),
  use_rslora: z.boolean().default(false),
  target_modules: z.union([z.string(), z.array(z.string())]),
  layers_to_transform: z.unknown().optional(),
  exclude_modules: z.unknown().optional(),
  bias: z.literal('none').optional(),
  init_lora_weights: z.literal(INITIAL).optional(),
});

/**
 * Fields that change nothing once an adapter is trained. PEFT itself takes `fan_in_fan_out` back for layers that do not store their
 * weights transposed, and none of our families does.
 */
const IGNORED: readonly string[] = [
  ...['task_type', 'auto_mapping', 'peft_version', 'inference_mode', 'lora_dropout', 'fan_in_fan_out', 'layers_pattern'],
  ...['megatron_core', 'eva_config', 'qalora_group_size', 'runtime_config'],
];

type Config = z.output<typeof fields>;

/** @throws InputError naming file and field, also for one that is set and not known. */
function readConfig(file: string): Config {
  const json = withoutNulls(readJsonObject(file));
  if (json.peft_type !== 'LORA')
    throw new InputError(
      `${file}: peft_type: ${JSON.stringify(json.peft_type)} is not supported: LORA alone can be merged into the weights`,
    );
  const known = new Set([...Object.keys(fields.shape), ...IGNORED]);
  const unknown = Object.entries(json).find(([name, value]) => !known.has(name) && isSet(value));
  if (unknown) throw new InputError(`${file}: ${shown(unknown)} is not supported: where it changes nothing, set it to null`);
  const parsed = fields.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new InputError(`${file}: ${firstIssue(parsed.error)}`);
}

function requireWeights(folder: string, file: string): void {
  if (existsSync(file)) return;
  const pickled = readdirSync(folder).find((name) => /^adapter_model\.(bin|pt|pth)$/.test(name));
  if (pickled === undefined) throw new InputError(`${folder} has ${ADAPTER_CONFIG}, but no ${ADAPTER_WEIGHTS}`);
  throw new InputError(`${folder} has its adapter in ${pickled} only; save it with safe_serialization=True`);
}

const FACTOR = /^base_model\.model\.(.+)\.lora_([AB])\.weight$/;

/** @throws InputError for a tensor that is no factor, or lacks the other one. */
function factorsIn(file: string): Map<string, Factors> {
  const [a, b] = [new Map<string, TensorInfo>(), new Map<string, TensorInfo>()];
  for (const info of readSafetensorsHeader(file)) {
    const [, layer, factor] = FACTOR.exec(info.name) ?? [];
    if (layer === undefined) throw new InputError(`${file}: tensor ${info.name} is no lora_A or lora_B of a linear layer`);
    (factor === 'A' ? a : b).set(layer, info);
  }
  const layers = [...new Set([...a.keys(), ...b.keys()])];
  if (layers.length === 0) throw new InputError(`${file} is empty`);
  return new Map(layers.map((layer) => [layer, { a: present(file, a, layer, 'A'), b: present(file, b, layer, 'B') }]));
}

function present(file: string, factors: ReadonlyMap<string, TensorInfo>, layer: string, factor: string): TensorInfo {
  const info = factors.get(layer);
  if (info) return info;
  throw new InputError(`${file}: ${layer} has no lora_${factor}`);
}

/** Whether PEFT's `target_modules` names a linear layer: by its whole name or the last parts of it. */
export const isTarget = ({ targets }: Adapter, layer: string): boolean =>
  targets.some((target) => layer === target || layer.endsWith(`.${target}`));
