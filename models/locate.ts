import { existsSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { InputError, projectFolder, unknownName } from '../engine/index.js';
import { INDEX, shardNames, weightsFile } from './checkpoint.js';
import type { ReportDownload } from './hub.js';
import { cachedConfigFolder, cachedModelFolder, hubCacheFolder, hubModelNamed, type HubModel } from './hub-cache.js';
import { readJsonObject } from './json.js';
import { architectureOf, unadapted, weightBytes, type Adaptation } from './model.js';
import { knownModel, knownModels } from './registry.js';
import { streamsFrozen } from './streaming.js';
import { tokenizerFiles } from './tokenizer-files.js';

/** The mini models that come with zobench. */
export const embeddedModelIds: readonly string[] = ['opt-mini', 'llama-mini', 'mistral-mini', 'roberta-mini', 'vicuna-mini'];

export const isEmbeddedModel = (name: string): boolean => embeddedModelIds.includes(name);

/** Where an embedded model's files are. */
export const embeddedModelFolder = (id: string): string => join(projectFolder, 'models', 'embedded', id);

/**
 * The folder of a model that is on this machine: an embedded one by name, any other by its path or by its id in the Hugging Face cache.
 * @throws UsageError, or InputError for one that would have to be fetched first.
 */
export function modelFolder(name: string): string {
  const folder = folderHere(name);
  if (folder !== undefined) return folder;
  const { id } = hubModel(name);
  throw new InputError(`${id} is neither a folder nor wholly in the Hugging Face cache (${hubCacheFolder()})`);
}

/**
 * Every file that a model's folder is read by: its configuration, its weights and its tokenizer's files.
 * @throws InputError where there are no weights.
 */
export function checkpointFiles(folder: string): string[] {
  const weights = weightsFile(folder);
  const shards = basename(weights) === INDEX ? shardNames(weights).map((shard) => join(folder, shard)) : [];
  return [join(folder, 'config.json'), weights, ...shards, ...tokenizerFiles(folder)].filter((file) => existsSync(file));
}

/**
 * The folder of a model, fetched from the Hugging Face hub where it is not on this machine.
 * @throws UsageError, or InputError where it cannot be fetched or under one of the adaptations would not fit into memory.
 */
export async function fetchModel(name: string, report: ReportDownload, adaptations: readonly Adaptation[] = [unadapted]): Promise<string> {
  const folder = folderHere(name);
  if (folder !== undefined) return folder;
  // Before gigabytes are on their way.
  const { config, source } = await modelConfig(name);
  for (const adaptation of adaptations) {
    streamsFrozen(weightBytes(architectureOf(config, source, adaptation.hooks), adaptation), 'auto', name);
  }
  // The library is large, and measured processes never need it.
  const { downloadModel } = await import('./hub.js');
  return downloadModel(hubModel(name), report);
}

/** A parsed config.json, and what to call it in messages. */
export interface ModelConfig {
  readonly config: Readonly<Record<string, unknown>>;
  readonly source: string;
}

/**
 * A model's configuration, for planning: no weights are fetched, and of a known model nothing is.
 * @throws UsageError, InputError
 */
export async function modelConfig(name: string): Promise<ModelConfig> {
  const here = folderHere(name);
  if (here !== undefined) return configIn(here);
  const model = hubModel(name);
  const cached = cachedConfigFolder(model);
  if (cached !== undefined) return configIn(cached);
  const known = knownModel(model.id);
  if (known && model.revision === undefined) return { config: known.config, source: known.id };
  const { downloadConfig } = await import('./hub.js');
  return configIn(await downloadConfig(model));
}

function configIn(folder: string): ModelConfig {
  const source = join(folder, 'config.json');
  return { config: readJsonObject(source), source };
}

function folderHere(name: string): string | undefined {
  if (isEmbeddedModel(name)) return embeddedModelFolder(name);
  if (existsSync(name) && statSync(name).isDirectory()) return name;
  const model = hubModelNamed(name);
  return model && cachedModelFolder(model);
}

function hubModel(name: string): HubModel {
  const model = hubModelNamed(name);
  if (model) return model;
  throw unknownName('model', name, [...embeddedModelIds, ...knownModels.map(({ id }) => id), '<folder>', '<id on the Hugging Face hub>']);
}
