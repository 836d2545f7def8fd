import { createHash, type Hash } from 'node:crypto';
import { readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isAbandoned, ownedName } from '../engine/index.js';

/** A file as the hub lists it. */
export interface Announced {
  readonly bytes: number;
  /** SHA-256, or of a small file the SHA-1 that git gives it, in hexadecimal digits. */
  readonly hash: string;
}

/** What has come of a file so far. It lies beside the place that the whole one gets, and stays there to be gone on with. */
export class Part {
  #bytes = 0;
  #digest: Hash;

  private constructor(
    private readonly handle: FileHandle,
    private readonly path: string,
    private readonly file: Announced,
  ) {
    this.#digest = digestOf(file);
  }

  /** This process's part of what is to lie at `target`: new, or what was left of it. */
  static async open(target: string, file: Announced): Promise<Part> {
    const path = partOf(target);
    const part = new Part(await open(path, 'a+'), path, file);
    try {
      await part.#takeIn();
      return part;
    } catch (error) {
      await part.close();
      throw error;
    }
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Whether it is the file: all of it, and with its hash. */
  isWhole(): boolean {
    return this.#bytes === this.file.bytes && this.#digest.copy().digest('hex') === this.file.hash;
  }

  async append(chunk: Uint8Array): Promise<void> {
    await this.handle.appendFile(chunk);
    this.#digest.update(chunk);
    this.#bytes += chunk.length;
  }

  /** Forgets what has come. */
  async restart(): Promise<void> {
    await this.handle.truncate(0);
    this.#digest = digestOf(this.file);
    this.#bytes = 0;
  }

  /** Gives it its place. */
  async settle(target: string): Promise<void> {
    // Or a power cut could leave less under a name that says what is in it.
    await this.handle.sync();
    renameSync(this.path, target);
  }

  async close(): Promise<void> {
    await this.handle.close();
    if (this.#bytes === 0) rmSync(this.path, { force: true });
  }

  /** What was left counts as come, unless it cannot be of this file. */
  async #takeIn(): Promise<void> {
    const { size } = await this.handle.stat();
    if (size > this.file.bytes) return this.restart();
    const left = this.handle.createReadStream({ start: 0, autoClose: false });
    for await (const chunk of left as AsyncIterable<Buffer>) {
      this.#digest.update(chunk);
      this.#bytes += chunk.length;
    }
  }
}

/** A large file is known by its SHA-256, another by the SHA-1 that git gives it. */
const digestOf = ({ hash, bytes }: Announced): Hash =>
  hash.length === 64 ? createHash('sha256') : createHash('sha1').update(`blob ${bytes}\0`);

/** Where this process keeps its part. */
const partOf = (target: string): string => join(dirname(target), ownedName(`${basename(target)}${SUFFIX}`));

const SUFFIX = '.incomplete';

/** How much of what is to lie at `target` need not be fetched again. */
export const partBytes = (target: string): number => sizeOf(partOf(target));

const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0;

/** Makes the most that killed downloads left of a file this process's part, and removes what others left of it. */
export function takeOver(target: string): void {
  const folder = dirname(target);
  const [most, ...others] = readdirSync(folder)
    .filter((name) => name.endsWith(`-${basename(target)}${SUFFIX}`))
    .map((name) => join(folder, name))
    .filter(isAbandoned)
    .sort((one, other) => sizeOf(other) - sizeOf(one));
  if (most !== undefined) rename(most, partOf(target));
  for (const path of others) rmSync(path, { force: true });
}

/** Unless another process was quicker. */
function rename(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
