import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { makeFolder } from '../engine/make-folder.js';
import { z } from 'zod';
import { withInput } from '../engine/input-file.js';
import { writeFileWhole } from '../engine/write-file.js';

/** Smaller files are read again each time: that costs less than a file of the cache. */
const REMEMBERED_BYTES = 16 << 20;
const CHUNK_BYTES = 4 << 20;
/** A file changed as lately as this may change again within the same tick of the file system's clock, and look the same. */
const SETTLED_MS = 2000;

/** What tells whether a file is still the one that was read: its content can change without its time, but not without one of these. */
const identitySchema = z.object({ path: z.string(), size: z.string(), modifiedNs: z.string(), changedNs: z.string(), inode: z.string() });
const entrySchema = z.object({ identity: identitySchema, sha256: z.string().regex(/^[0-9a-f]{64}$/) });
type Entry = z.infer<typeof entrySchema>;

/** Of this process, so that a plan of many cells reads each file once. */
const known = new Map<string, Entry>();

/**
 * The SHA-256 of a file, in hex. Those of large files are remembered in the user's cache folder, by path, size, times in nanoseconds and
 * inode; a lost or damaged cache costs a reading.
 * @throws InputError where it cannot be read.
 */
export function fileSha256(file: string): string {
  const identity = identityOf(file);
  const remembered = known.get(identity.path) ?? readEntry(identity.path);
  if (remembered && isSame(remembered.identity, identity)) return remembered.sha256;
  const sha256 = hashOf(file);
  if (isSettled(identity) && isSame(identityOf(file), identity)) remember({ identity, sha256 });
  return sha256;
}

function identityOf(file: string): Entry['identity'] {
  const { size, mtimeNs, ctimeNs, ino } = fs.statSync(file, { bigint: true });
  return { path: fs.realpathSync(file), size: `${size}`, modifiedNs: `${mtimeNs}`, changedNs: `${ctimeNs}`, inode: `${ino}` };
}

const isSame = (a: Entry['identity'], b: Entry['identity']): boolean => JSON.stringify(a) === JSON.stringify(b);

const isSettled = ({ changedNs }: Entry['identity']): boolean => Date.now() - Number(BigInt(changedNs) / 1_000_000n) > SETTLED_MS;

function hashOf(file: string): string {
  const hash = createHash('sha256');
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  withInput(file, (descriptor) => {
    for (let count = 1; count > 0;) {
      count = fs.readSync(descriptor, chunk, 0, chunk.length, null);
      hash.update(chunk.subarray(0, count));
    }
  });
  return hash.digest('hex');
}

/** Where hashes are remembered: in `XDG_CACHE_HOME/zobench`, or `~/.cache/zobench`. */
export function hashCacheFolder(): string {
  const cache = process.env.XDG_CACHE_HOME?.trim();
  const folder = cache === undefined || cache === '' ? path.join(homedir(), '.cache') : cache;
  return path.join(folder, 'zobench', 'hashes');
}

/** A file for each path, so that processes do not write into each other's. */
const entryFile = (realPath: string): string => path.join(hashCacheFolder(), `${createHash('sha256').update(realPath).digest('hex')}.json`);

function readEntry(realPath: string): Entry | undefined {
  try {
    return entrySchema.parse(JSON.parse(fs.readFileSync(entryFile(realPath), 'utf8')));
  } catch {
    return undefined;
  }
}

function remember(entry: Entry): void {
  known.set(entry.identity.path, entry);
  if (Number(entry.identity.size) < REMEMBERED_BYTES) return;
  const file = entryFile(entry.identity.path);
  try {
    makeFolder(path.dirname(file));
    writeFileWhole(file, JSON.stringify(entry));
  } catch {
    // Without a cache the file is read again next time.
  }
}
