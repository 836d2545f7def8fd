import { existsSync, realpathSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { InputError, meantPath, projectFolder, unknownName, UsageError } from '../engine/index.js';
import { readAdapter, type Adapter } from './adapter.js';
import { INDEX, shardNames, SINGLE, weightsFile } from './checkpoint.js';
import { downloadConfig, downloadModel, type ReportDownload } from './hub.js';
import { cachedConfigFolder, cachedModelFolder, hubCacheFolder, hubModelNamed, type HubModel } from './hub-cache.js';
import { readJsonObject } from './json.js';
import { fitAdapter } from './merge.js';
import { architectureOf, unadapted, weightBytes, type Adaptation } from './model.js';
import { QUANTIZE_CONFIG } from './quantized/index.js';
import { knownModel, knownModels } from './registry.js';
import { streamsFrozen } from './streaming.js';
import { hasTokenizer, tokenizerFiles } from './tokenizer-files.js';

/** The mini models that come with zobench. */
export const bundledModelIds: readonly string[] = ['opt-mini', 'llama-mini', 'mistral-mini', 'roberta-mini', 'vicuna-mini'];

export const isBundledModel = (name: string): boolean => bundledModelIds.includes(name);

/** Where a bundled model's files are. */
export const bundledModelFolder = (id: string): string => join(projectFolder, 'models', 'bundled', id);

/**
 * The folder of a model that is on this machine: a bundled one by name, any other by its path or by its id in the Hugging Face cache.
 * @throws UsageError, or InputError for one that would have to be fetched first.
 */
export function modelFolder(name: string): string {
  const folder = folderHere(name);
  if (folder !== undefined) return folder;
  const { id } = hubModel(name);
  throw new InputError(`${id} is neither a folder nor wholly in the Hugging Face cache (${hubCacheFolder()})${meantPath(name)}`);
}

/**
 * Every file that a model's folder is read by, by name: its configuration, its weights and its tokenizer's files; those of an adapter's
 * base as `base/config.json`.
 * @throws InputError where there are no weights.
 */
export function checkpointFiles(folder: string): [name: string, file: string][] {
  const { adapters, base } = adaptersOn(folder);
  const tokenizer = tokenizerFolder(folder);
  const whole = adapters.length > 0 ? modelFolder(base) : folder;
  const named = (depth: number, files: readonly string[]): [string, string][] =>
    files.map((file) => ['base/'.repeat(depth) + basename(file), file]);
  const ofTokenizer = (its: string): string[] => (its === tokenizer ? tokenizerFiles(its) : []);
  return [
    ...adapters.flatMap((adapter, depth) => named(depth, [adapter.configFile, adapter.weightsFile, ...ofTokenizer(adapter.folder)])),
    ...named(adapters.length, [...wholeModelFiles(whole), ...ofTokenizer(whole)]),
  ];
}

function wholeModelFiles(folder: string): string[] {
  const weights = weightsFile(folder);
  const shards = basename(weights) === INDEX ? shardNames(weights).map((shard) => join(folder, shard)) : [];
  return [join(folder, 'config.json'), join(folder, QUANTIZE_CONFIG), weights, ...shards].filter((file) => existsSync(file));
}

/**
 * The folder of a model, fetched from the Hugging Face hub where it is not on this machine.
 * @throws UsageError, or InputError where it cannot be fetched or under one of the adaptations would not fit into memory.
 */
export async function fetchModel(name: string, report: ReportDownload, adaptations: readonly Adaptation[] = [unadapted]): Promise<string> {
  const folder = folderHere(name);
  if (folder !== undefined) {
    const { adapters, base } = adaptersOn(folder);
    if (adapters.length > 0) await fetchModel(base, report, adaptations);
    return folder;
  }
  // Before gigabytes are on their way.
  const { config, source } = await modelConfig(name);
  for (const adaptation of adaptations) {
    streamsFrozen(weightBytes(architectureOf(config, source, adaptation.hooks), adaptation), 'auto', name);
  }
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
  if (here !== undefined) return configHere(here);
  const model = hubModel(name);
  const cached = cachedConfigFolder(model);
  if (cached !== undefined) return configIn(cached);
  const known = knownModel(model.id);
  if (known && model.revision === undefined) return { config: known.config, source: known.id };
  return configIn(await downloadConfig(model));
}

/** An adapter has its base's. */
async function configHere(folder: string): Promise<ModelConfig> {
  const { adapters, base } = adaptersOn(folder);
  if (adapters.length === 0) return configIn(folder);
  const its = await modelConfig(base);
  for (const adapter of adapters) fitAdapter(adapter, { config: its.config, configFile: its.source });
  return its;
}

function configIn(folder: string): ModelConfig {
  const source = join(folder, 'config.json');
  return { config: readJsonObject(source), source };
}

/**
 * The adapters that a folder leads through, its own first, and the name of the model below them; of a whole model none, and the folder.
 * @throws InputError where one is broken, its base cannot be a model or leads back to it.
 */
export function adaptersOn(folder: string): { readonly adapters: readonly Adapter[]; readonly base: string } {
  const adapters: Adapter[] = [];
  let base = folder;
  for (let here: string | undefined = folder; here !== undefined; here = folderHere(base)) {
    const adapter = readAdapter(here);
    if (!adapter) break;
    const isKnown = adapters.some((other) => realpathSync(other.folder) === realpathSync(adapter.folder));
    if (isKnown) throw new InputError(`${adapter.configFile}: base_model_name_or_path leads back to the adapter itself`);
    adapters.push(adapter);
    base = baseOf(adapter);
  }
  return { adapters, base };
}

/** A name of an adapter's base: a relative path may be meant from the adapter's folder. @throws InputError where it can be no model. */
function baseOf({ folder, configFile, base, revision }: Adapter): string {
  const beside = resolve(folder, base);
  if (!isBundledModel(base) && isFolder(beside)) return beside;
  if (isBundledModel(base) || isFolder(base)) return base;
  if (!hubModelNamed(base)) {
    throw new InputError(`${configFile}: base_model_name_or_path: there is no model folder ${base}; put there where the base is now`);
  }
  return revision === undefined ? base : `${base}@${revision}`;
}

const isFolder = (name: string): boolean => existsSync(name) && statSync(name).isDirectory();

/** The folder that a model's tokenizer is read from: of an adapter without one its base's. */
export function tokenizerFolder(folder: string): string {
  const { adapters, base } = adaptersOn(folder);
  if (adapters.length === 0) return folder;
  return adapters.map((adapter) => adapter.folder).find(hasTokenizer) ?? modelFolder(base);
}

function folderHere(name: string): string | undefined {
  if (isBundledModel(name)) return bundledModelFolder(name);
  if (isFolder(name)) return name;
  const model = hubModelNamed(name);
  return model && cachedModelFolder(model);
}

/** The folder of the whole model that a name stands for, an adapter's base, where it is on this machine. @throws as `adaptersOn` does */
export function wholeModelHere(name: string): string | undefined {
  const folder = folderHere(name);
  return folder && folderHere(adaptersOn(folder).base);
}

/** Whether there is a file that weights begin with; what it says may be wrong. */
export const hasWeights = (folder: string): boolean => [SINGLE, INDEX].some((name) => existsSync(join(folder, name)));

function hubModel(name: string): HubModel {
  const model = hubModelNamed(name);
  if (model) return model;
  if (/[\\/]/.test(name)) throw new UsageError(`there is no model folder ${name}${meantPath(name)}`);
  throw unknownName('model', name, [...bundledModelIds, ...knownModels.map(({ id }) => id), '<folder>', '<id on the Hugging Face hub>']);
}
