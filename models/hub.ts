import { existsSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { makeFolder } from '../engine/make-folder.js';
import { InputError, ownedName, readTextIfThere, removeLeftovers, writeFileWhole } from '../engine/index.js';
import { INDEX, shardNames, SINGLE } from './checkpoint.js';
import { explained } from './hub-access.js';
import { announced, commitOf, conversionOf, fileAddress, listedFiles, type ListedFile } from './hub-answers.js';
import { cacheFolderOf, type HubModel } from './hub-cache.js';
import { transferAll, type Transfer } from './hub-transfer.js';
import { knownModel } from './registry.js';

/** Told how far the download of a file has come. */
export type ReportDownload = (progress: {
  readonly model: string;
  readonly file: string;
  readonly doneBytes: number;
  readonly totalBytes: number;
}) => void;

/**
 * Fetches what a run needs of a model into the Hugging Face cache: its configuration, tokenizer and safetensors, not what is there.
 * Gives the folder.
 * @throws InputError in one line where that cannot be.
 */
export function downloadModel(model: HubModel, report: ReportDownload): Promise<string> {
  return explained(model, async () => {
    const listed = await withSafetensors(model, await listing(model, wanted(model)));
    const fetch = (names: readonly string[]): Promise<void> => fetchFiles(listed, names, report);
    await fetch(['config.json', ...tokenizerFiles(listed)]);
    if (listed.files.has(SINGLE)) await fetch([SINGLE]);
    else {
      await fetch([INDEX]);
      await fetch(shardNames(join(listed.folder, INDEX)));
    }
    // Of other revisions, say.
    removeLeftovers(blobFolder(model.id));
    return rememberRevision(listed);
  });
}

/**
 * Fetches a model's config.json alone. Gives its folder.
 * @throws InputError in one line where that cannot be.
 */
export function downloadConfig(model: HubModel): Promise<string> {
  return explained(model, async () => {
    const listed = await listing(model, wanted(model));
    await fetchFiles(listed, ['config.json'], () => undefined);
    return rememberRevision(listed);
  });
}

/** What the hub has of a model at a commit. */
interface Listing {
  readonly id: string;
  readonly revision: string;
  readonly commit: string;
  readonly files: ReadonlyMap<string, ListedFile>;
  /** The snapshot in the cache. */
  readonly folder: string;
}

const wanted = ({ id, revision }: HubModel): string => revision ?? knownModel(id)?.revision ?? 'main';

async function listing({ id }: HubModel, revision: string): Promise<Listing> {
  const commit = await commitOf(id, revision);
  return { id, revision, commit, files: await listedFiles(id, commit), folder: join(cacheFolderOf(id), 'snapshots', commit) };
}

const hasSafetensors = ({ files }: Listing): boolean => files.has(SINGLE) || files.has(INDEX);

/** OPT and many older models were published as pickles; the hub's bot offers their safetensors as a pull request. */
async function withSafetensors(model: HubModel, listed: Listing): Promise<Listing> {
  if (hasSafetensors(listed)) return listed;
  const converted = model.revision === undefined ? await conversion(model) : undefined;
  if (converted && hasSafetensors(converted)) return converted;
  const there = [...listed.files.keys()].filter((name) => /\.(bin|pt|pth|msgpack|h5|gguf)$/.test(name));
  throw new InputError(
    `${listed.id} has no safetensors at ${listed.revision}${there.length > 0 ? `, only ${there.join(', ')}` : ''}: convert it, and give the folder`,
  );
}

/** The conversion bot's open pull request. */
async function conversion(model: HubModel): Promise<Listing | undefined> {
  const number = await conversionOf(model.id);
  return number === undefined ? undefined : listing(model, `refs/pr/${number}`);
}

/** The first set of files that a tokenizer can be made of, and what may stand beside it. */
function tokenizerFiles({ id, revision, files }: Listing): string[] {
  const sets = [['tokenizer.json'], ['vocab.json', 'merges.txt'], ['tokenizer.model']];
  const found = sets.find((set) => set.every((name) => files.has(name)));
  if (!found)
    throw new InputError(
      `${id} has no tokenizer at ${revision}: neither tokenizer.json nor vocab.json with merges.txt nor tokenizer.model`,
    );
  const beside = ['tokenizer_config.json', 'special_tokens_map.json', 'added_tokens.json'].filter((name) => files.has(name));
  return [...found, ...beside];
}

async function fetchFiles(listed: Listing, names: readonly string[], report: ReportDownload): Promise<void> {
  const missing = names.filter((name) => !existsSync(join(listed.folder, name)));
  const transfers = missing.map((name) => transferOf(listed, name, report));
  await transferAll(transfers.filter(({ target }) => !existsSync(target)));
  transfers.forEach(({ target }, at) => link(join(listed.folder, missing[at] ?? ''), target));
}

const blobFolder = (id: string): string => join(cacheFolderOf(id), 'blobs');

/** Brings a file to blobs/<hash>. */
function transferOf({ id, commit, files }: Listing, name: string, report: ReportDownload): Transfer {
  const listed = files.get(name);
  if (!listed) throw new InputError(`${id} has no ${name} at ${commit}`);
  const { bytes, hash } = announced(listed, `${name} of ${id}`);
  return {
    bytes,
    hash,
    title: `${name} of ${id}`,
    url: fileAddress(id, commit, name),
    target: join(blobFolder(id), hash),
    report: (doneBytes) => report({ model: id, file: name, doneBytes, totalBytes: bytes }),
  };
}

/** Links a file of a snapshot to its blob, in one step: other processes may do so, or find a link there that leads nowhere. */
function link(path: string, blob: string): void {
  const folder = dirname(path);
  makeFolder(folder);
  removeLeftovers(folder);
  const temporary = join(folder, `.${ownedName(basename(path))}`);
  rmSync(temporary, { force: true });
  symlinkSync(relative(folder, blob), temporary);
  renameSync(temporary, path);
}

/** Only now do lookups find the snapshot under its revision. */
function rememberRevision({ id, revision, commit, folder }: Listing): string {
  const ref = join(cacheFolderOf(id), 'refs', revision);
  if (revision !== commit && readTextIfThere(ref) !== commit) {
    makeFolder(dirname(ref));
    writeFileWhole(ref, commit);
  }
  return folder;
}
