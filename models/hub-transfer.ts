import { existsSync, statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { makeFolder } from '../engine/make-folder.js';
import { InputError, isSystemError } from '../engine/errors.js';
import { bytesText } from '../engine/quantities.js';
import { hub, HubRefusal } from './hub-access.js';
import { fromHub, type Answer } from './hub-fetch.js';
import { Part, partBytes, takeOver, type Announced } from './hub-part.js';

/** A file to bring from the hub. */
export interface Transfer extends Announced {
  readonly url: string;
  /** What to call it in complaints. */
  readonly title: string;
  /** Its place. Nothing is there before it is whole and has its hash. */
  readonly target: string;
  readonly report: (doneBytes: number) => void;
}

/** So often in a row a file may break off with nothing gained. */
const ATTEMPTS = 3;
/** Less than that is nothing. */
const GAIN_BYTES = 20_000;
/** Of the time that the hub may be silent, what is waited before another attempt. */
const PAUSE = 0.1;

/**
 * Brings files one after the other. What breaks off goes on from there, at once or in a later run.
 * @throws InputError where there is no room for them or one is not what is announced, HubRefusal, what broke a file off, or the operating
 * system's error with `path`.
 */
export async function transferAll(files: readonly Transfer[]): Promise<void> {
  for (const { target } of files) {
    makeFolder(dirname(target));
    takeOver(target);
  }
  requireRoom(files);
  for (const file of files) {
    // Two files may be the same, or another process have been quicker.
    if (!existsSync(file.target)) await transfer(file);
  }
}

function requireRoom(files: readonly Transfer[]): void {
  const [first] = files;
  if (!first) return;
  const folder = dirname(first.target);
  const neededBytes = files.reduce((sum, { bytes, target }) => sum + Math.max(0, bytes - partBytes(target)), 0);
  const { bavail, bsize, blocks } = statfsSync(folder);
  // Not every file system tells.
  if (blocks === 0 || neededBytes <= bavail * bsize) return;
  const what = files.length === 1 ? first.title : `${first.title} and what comes with it`;
  throw new InputError(`${what}: ${bytesText(neededBytes)} to fetch, and ${bytesText(bavail * bsize)} of room in ${folder}`);
}

async function transfer(file: Transfer): Promise<void> {
  const part = await Part.open(file.target, file);
  try {
    file.report(part.bytes);
    await complete(file, part);
    await part.settle(file.target);
  } catch (error) {
    if (!isSystemError(error)) throw error;
    // Of a disk that is full, say: others have the room.
    await part.restart();
    throw Object.assign(error, { path: file.target });
  } finally {
    await part.close();
  }
}

async function complete(file: Transfer, part: Part): Promise<void> {
  let [attempts, mostBytes] = [0, part.bytes];
  for (;;) {
    try {
      await attempt(file, part);
      return;
    } catch (error) {
      if (part.bytes >= mostBytes + GAIN_BYTES) attempts = 0;
      mostBytes = Math.max(mostBytes, part.bytes);
      if (++attempts === ATTEMPTS || isFinal(error)) throw error;
    }
    await pause(hub().timeoutMs * PAUSE);
  }
}

/** Whether another attempt would end the same way: the hub may be busy, but what it says of a file is not going to change. */
function isFinal(error: unknown): boolean {
  if (error instanceof HubRefusal) return error.status < 500 && ![408, 416, 429].includes(error.status);
  return error instanceof InputError || isSystemError(error);
}

async function attempt(file: Transfer, part: Part): Promise<void> {
  const isOfOne = part.bytes < file.bytes && (await goOn(file, part));
  if (part.isWhole()) return;
  await part.restart();
  const differs = `${file.title} did not arrive as the hub has it`;
  // What several answers brought may be of several files.
  throw isOfOne ? new InputError(`${differs}: try again`) : new Error(differs);
}

/** Fetches what a part lacks. Gives whether that was all of it. */
async function goOn(file: Transfer, part: Part): Promise<boolean> {
  const range = part.bytes > 0 ? { Range: `bytes=${part.bytes}-` } : {};
  try {
    return await fromHub(file.url, { 'Accept-Encoding': 'identity', ...range }, (answer) => takeIn(file, part, answer));
  } catch (error) {
    // It has less than that.
    if (error instanceof HubRefusal && error.status === 416) await part.restart();
    throw error;
  }
}

async function takeIn(file: Transfer, part: Part, { status, headers, chunks }: Answer): Promise<boolean> {
  const { start, bytes = file.bytes } = status === 206 ? contentRange(headers) : { start: 0, bytes: contentLength(headers) };
  if (bytes !== file.bytes) throw new InputError(`${file.title} has ${bytes} bytes, the hub lists ${file.bytes}: try again`);
  // A server that knows no ranges sends all of it.
  if (start !== part.bytes) await part.restart();
  if (start !== part.bytes) throw new Error(`the hub sends ${file.title} from another byte than was asked for`);
  for await (const chunk of chunks) {
    if (part.bytes + chunk.length > file.bytes) {
      await part.restart();
      throw new InputError(`${file.title} does not end at the ${file.bytes} bytes that the hub lists: try again`);
    }
    await part.append(chunk);
    file.report(part.bytes);
  }
  if (part.bytes < file.bytes) throw new Error(`${file.title} ended at ${part.bytes} of ${file.bytes} bytes`);
  return start === 0;
}

/** Where the content begins, and how long the whole file is, as far as that is said. */
interface Extent {
  readonly start: number;
  readonly bytes: number | undefined;
}

function contentRange(headers: Headers): Extent {
  const [, start, bytes] = /^bytes (\d+)-\d+\/(?:(\d+)|\*)$/.exec(headers.get('content-range') ?? '') ?? [];
  return { start: Number(start), bytes: bytes === undefined ? undefined : Number(bytes) };
}

/** Of packed content it would say something else. */
function contentLength(headers: Headers): number | undefined {
  const length = headers.has('content-encoding') ? null : headers.get('content-length');
  return length === null ? undefined : Number(length);
}
