import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { readTextIfThere } from '../engine/text-file.js';
import { ADAPTER_CONFIG, ADAPTER_WEIGHTS } from './adapter.js';
import { INDEX, shardNames, SINGLE } from './checkpoint.js';
import { knownModel } from './registry.js';
import { hasTokenizer } from './tokenizer-files.js';

/*
 * The Hugging Face cache as huggingface_hub lays it out: a folder per model, with `refs/<branch or tag>` holding a commit and
 * `snapshots/<commit>` the files, links to `blobs/<hash>`. Only reading happens here, and never through the network.
 */

/** A model on the hub. */
export interface HubModel {
  /** `organisation/name` */
  readonly id: string;
  /** A branch, tag or commit, where one is asked for. */
  readonly revision: string | undefined;
}

/** What `facebook/opt-125m` or `facebook/opt-125m@<revision>` names; undefined for what cannot be a name on the hub. */
export function hubModelNamed(name: string): HubModel | undefined {
  const [, id, revision] = /^(\w[\w.-]*\/\w[\w.-]*)(?:@(\w[\w./-]*))?$/.exec(name) ?? [];
  return id === undefined || revision?.includes('..') ? undefined : { id, revision };
}

/** Where the cache is: HF_HUB_CACHE, or `hub` in HF_HOME, which is ~/.cache/huggingface unless set. */
export function hubCacheFolder(): string {
  return variable('HF_HUB_CACHE') ?? variable('HUGGINGFACE_HUB_CACHE') ?? join(huggingFaceHome(), 'hub');
}

export function huggingFaceHome(): string {
  return variable('HF_HOME') ?? join(variable('XDG_CACHE_HOME') ?? join(homedir(), '.cache'), 'huggingface');
}

/** A variable of the environment; empty counts as not set. */
export function variable(name: string): string | undefined {
  const value = process.env[name]?.trim();
  return value === '' ? undefined : value;
}

/** A model's folder in the cache, whether it is there or not. */
export const cacheFolderOf = (id: string): string => join(hubCacheFolder(), `models--${id.replace('/', '--')}`);

/** Ids of the models that the cache has something of. */
export function cachedModelIds(): string[] {
  const cache = hubCacheFolder();
  const names = existsSync(cache) ? readdirSync(cache) : [];
  return names.flatMap((name) => /^models--(.+?)--(.+)$/.exec(name)?.slice(1).join('/') ?? []).sort();
}

/** The folder of a cached model that has all that a run needs. */
export const cachedModelFolder = (model: HubModel): string | undefined => snapshots(model).find(isComplete);

/** The folder of a cached model that has at least its config.json. */
export const cachedConfigFolder = (model: HubModel): string | undefined =>
  cachedModelFolder(model) ?? snapshots(model).find((folder) => existsSync(join(folder, 'config.json')));

/** Snapshots that may stand for the model, the preferred first: without a revision the registry's, main, the conversion bot's. */
function snapshots({ id, revision }: HubModel): string[] {
  const folder = cacheFolderOf(id);
  const revisions = revision !== undefined ? [revision] : [knownModel(id)?.revision ?? 'main', 'main', ...pullRequests(folder)];
  return revisions.map((name) => join(folder, 'snapshots', commitOf(folder, name))).filter((snapshot) => existsSync(snapshot));
}

function pullRequests(folder: string): string[] {
  const refs = join(folder, 'refs', 'refs', 'pr');
  return existsSync(refs) ? readdirSync(refs).map((number) => `refs/pr/${number}`) : [];
}

function commitOf(folder: string, revision: string): string {
  return readTextIfThere(join(folder, 'refs', revision))?.trim() ?? revision;
}

function isComplete(folder: string): boolean {
  const isThere = (name: string): boolean => existsSync(join(folder, name));
  if (isThere(ADAPTER_CONFIG)) return isThere(ADAPTER_WEIGHTS);
  const hasShards = (): boolean => isThere(INDEX) && shardNames(join(folder, INDEX)).every(isThere);
  return isThere('config.json') && hasTokenizer(folder) && (isThere(SINGLE) || hasShards());
}
