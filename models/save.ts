import { existsSync, realpathSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { makeFolder } from '../engine/make-folder.js';
import { copyWhole, UsageError, writeFileWhole, type Parameter } from '../engine/index.js';
import type { Checkpoint } from './checkpoint.js';
import { isBundledModel, tokenizerFolder } from './locate.js';
import { architectureOf, type Adaptation, type LanguageModel } from './model.js';
import { QUANTIZATION_FIELD } from './quantized/index.js';
import { writeSafetensors, type StorageType } from './safetensors.js';

/** Files beside the weights that make a folder a model, where they are there. */
const COMPANIONS: readonly string[] = [
  ...['tokenizer.json', 'tokenizer_config.json', 'tokenizer.model', 'special_tokens_map.json', 'added_tokens.json'],
  ...['vocab.json', 'merges.txt', 'gpt2-vocab.json', 'gpt2-merges.txt', 'generation_config.json'],
];

/** What config.json calls the weights' element type, in older and newer versions of transformers. */
const TYPE_FIELDS: readonly string[] = ['torch_dtype', 'dtype'];

/** Writes `which` of a model's parameters to model.safetensors in a folder. */
export function saveWeights(folder: string, { parameters }: LanguageModel, which: readonly Parameter[], dtype: StorageType): void {
  const tensors = which.map((parameter) => ({ name: parameter.name, shape: parameter.shape, data: parameters.values(parameter) }));
  makeFolder(folder);
  writeSafetensors(join(folder, 'model.safetensors'), tensors, dtype, { format: 'pt' });
}

/**
 * Saves a model whose parameters began as a checkpoint's, in float32: as a folder in Hugging Face layout, or where a scheme added
 * parameters, these alone, in the scheme's own format where it has one. `base` is what the checkpoint is known by.
 * @throws UsageError rather than write over the checkpoint.
 */
export function saveModel(
  folder: string,
  model: LanguageModel,
  checkpoint: Checkpoint,
  adaptation: Pick<Adaptation, 'adds' | 'save'>,
  base = checkpoint.folder,
): void {
  const sources = [checkpoint.folder, dirname(checkpoint.configFile)];
  if (existsSync(folder) && sources.some((source) => realpathSync(folder) === realpathSync(source))) {
    throw new UsageError(`${folder} is the folder of the checkpoint itself: give another one`);
  }
  if (adaptation.save) {
    adaptation.save(folder, model, base);
    return;
  }
  requireSavable(model, adaptation);
  const added = addedBy(adaptation, model);
  saveWeights(folder, model, added.length > 0 ? added : model.parameters.all, 'F32');
  if (added.length > 0) return;
  writeFileWhole(join(folder, 'config.json'), `${JSON.stringify(configOf(model, checkpoint), null, 2)}\n`);
  copyCompanions(checkpoint.folder, folder);
}

/** Copies what makes a folder of weights a model: the tokenizer's files. */
export function copyCompanions(from: string, to: string): void {
  const companions = tokenizerFolder(from);
  for (const name of COMPANIONS) {
    const file = join(companions, name);
    if (existsSync(file)) copyWhole(file, join(to, name));
  }
}

/** @throws UsageError where the whole model would be saved, and not all of it is in memory. */
export function requireSavable(model: LanguageModel, adaptation: Pick<Adaptation, 'adds' | 'save'>): void {
  if (!adaptation.save && addedBy(adaptation, model).length === 0) model.parameters.needAllInMemory('saving the whole model');
}

const addedBy = (adaptation: Pick<Adaptation, 'adds'>, { parameters }: LanguageModel): readonly Parameter[] =>
  parameters.all.filter(({ name }) => adaptation.adds(name));

/** What others find a checkpoint by: its id on the Hugging Face hub, or else where it is here. */
export const knownAs = (name: string, folder: string): string => (isBundledModel(name) || existsSync(name) ? resolve(folder) : name);

/** The checkpoint's config.json, but for what is another way now: the weights' type, quantised no more, and whether the head is tied to the embedding. */
function configOf({ architecture }: LanguageModel, { config, configFile }: Checkpoint): Record<string, unknown> {
  const kept = Object.entries(config).filter(([field]) => field !== QUANTIZATION_FIELD);
  const typed = kept.map(([field, value]) => [field, TYPE_FIELDS.includes(field) ? 'float32' : value] as const);
  const isUntied = architecture.head.name !== architectureOf(config, configFile).head.name;
  return { ...Object.fromEntries(typed), ...(isUntied && { tie_word_embeddings: false }) };
}
