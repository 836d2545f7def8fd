import { createHash, randomUUID, type Hash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { downloadFile, listFiles, modelInfo, type ListFileEntry } from '@huggingface/hub';
import { InputError } from '../engine/errors.js';
import { INDEX, shardNames, SINGLE } from './checkpoint.js';
import { cacheFolderOf, type HubModel } from './hub-cache.js';
import { explained, hub } from './hub-access.js';
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
  readonly files: ReadonlyMap<string, ListFileEntry>;
  /** The snapshot in the cache. */
  readonly folder: string;
}

const wanted = ({ id, revision }: HubModel): string => revision ?? knownModel(id)?.revision ?? 'main';

async function listing({ id }: HubModel, revision: string): Promise<Listing> {
  const { sha: commit } = await modelInfo({ ...hub(), name: id, revision, additionalFields: ['sha'] });
  // It becomes a folder's name.
  if (!/^[0-9a-f]{40}$/.test(commit)) throw new InputError(`the hub gives ${JSON.stringify(commit)} as a commit of ${id}`);
  const files = new Map<string, ListFileEntry>();
  for await (const entry of listFiles({ ...hub(), repo: id, revision: commit })) files.set(entry.path, entry);
  return { id, revision, commit, files, folder: join(cacheFolderOf(id), 'snapshots', commit) };
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

interface Discussion {
  readonly num: number;
  readonly title: string;
  readonly isPullRequest: boolean;
  readonly status: string;
  readonly author?: { readonly name?: string };
}

const CONVERSION = { title: 'Adding `safetensors` variant of this model', author: 'sfconvertbot' };

/** The conversion bot's open pull request. Anybody may give theirs the same title. */
async function conversion(model: HubModel): Promise<Listing | undefined> {
  const { hubUrl, accessToken } = hub();
  const url = `${hubUrl}/api/models/${model.id}/discussions?type=pull_request&status=open&author=SFconvertbot`;
  const response = await fetch(url, { headers: accessToken === undefined ? {} : { Authorization: `Bearer ${accessToken}` } });
  if (!response.ok) return undefined;
  const { discussions } = (await response.json()) as { discussions: readonly Discussion[] };
  const found = discussions.find(
    ({ title, isPullRequest, status, author }) =>
      title === CONVERSION.title && isPullRequest && status === 'open' && author?.name?.toLowerCase() === CONVERSION.author,
  );
  return found && listing(model, `refs/pr/${Math.trunc(found.num)}`);
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
  for (const name of names) {
    const link = join(listed.folder, name);
    if (!existsSync(link)) await fetchFile(listed, name, link, report);
  }
}

/** Brings a file to blobs/<hash> and links it; nothing has its name there before it is whole and has its hash. */
async function fetchFile({ id, commit, files }: Listing, name: string, link: string, report: ReportDownload): Promise<void> {
  const entry = files.get(name);
  const hash = entry?.lfs?.oid ?? entry?.oid ?? '';
  if (!entry || !/^([0-9a-f]{40}|[0-9a-f]{64})$/.test(hash)) throw new InputError(`${id} has no ${name} at ${commit}`);
  const blob = join(cacheFolderOf(id), 'blobs', hash);
  if (!existsSync(blob)) await fetchBlob(id, commit, entry, hash, blob, report);
  mkdirSync(dirname(link), { recursive: true });
  // One that leads nowhere, where blobs were deleted.
  rmSync(link, { force: true });
  symlinkSync(relative(dirname(link), blob), link);
}

async function fetchBlob(
  id: string,
  commit: string,
  { path, size }: ListFileEntry,
  hash: string,
  blob: string,
  report: ReportDownload,
): Promise<void> {
  const content = await downloadFile({ ...hub(), repo: id, path, revision: commit, xet: false });
  if (!content) throw new InputError(`${id} has no ${path} at ${commit}`);
  mkdirSync(dirname(blob), { recursive: true });
  removeLeftovers(blob);
  const temporary = `${blob}.${randomUUID()}.incomplete`;
  // There from now on: a stream that opens it could do so after it was removed.
  const file = (await open(temporary, 'w')).createWriteStream();
  try {
    const digest = digestOf(hash, content.size);
    const say = (doneBytes: number): void => report({ model: id, file: path, doneBytes, totalBytes: size });
    say(0);
    await pipeline(Readable.fromWeb(content.stream()), watching(digest, say), file);
    if (digest.digest('hex') !== hash) throw new InputError(`${path} of ${id} did not arrive as the hub has it: try again`);
    renameSync(temporary, blob);
  } finally {
    file.destroy();
    rmSync(temporary, { force: true });
  }
}

const HOUR_MS = 3_600_000;

/** A process that is killed leaves its part of the file behind; a download that goes on has written within the hour. */
function removeLeftovers(blob: string): void {
  for (const name of readdirSync(dirname(blob))) {
    const file = join(dirname(blob), name);
    if (!file.startsWith(`${blob}.`) || !/\.[0-9a-f-]{36}\.incomplete$/.test(name)) continue;
    if (Date.now() - statSync(file).mtimeMs > HOUR_MS) rmSync(file, { force: true });
  }
}

/** A large file is known by its SHA-256, another by the SHA-1 that git gives it. */
function digestOf(hash: string, size: number): Hash {
  return hash.length === 64 ? createHash('sha256') : createHash('sha1').update(`blob ${size}\0`);
}

function watching(digest: Hash, say: (doneBytes: number) => void): (chunks: AsyncIterable<Uint8Array>) => AsyncGenerator<Uint8Array> {
  return async function* (chunks) {
    let done = 0;
    for await (const chunk of chunks) {
      digest.update(chunk);
      done += chunk.length;
      say(done);
      yield chunk;
    }
  };
}

/** Only now do lookups find the snapshot under its revision. */
function rememberRevision({ id, revision, commit, folder }: Listing): string {
  const ref = join(cacheFolderOf(id), 'refs', revision);
  const isKnown = revision === commit || (existsSync(ref) && readFileSync(ref, 'utf8') === commit);
  if (!isKnown) {
    mkdirSync(dirname(ref), { recursive: true });
    writeFileSync(ref, commit);
  }
  return folder;
}
