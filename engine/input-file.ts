import fs from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { InputError } from './errors.js';
import { meantPath } from './near-path.js';
import { bytesText } from './quantities.js';

// How every file that zobench is given is opened. A pipe or a device may never answer or never end, so only regular files are read.

/** Opening a pipe waits for its writer unless told not to; Windows knows no such flag. */
const TO_READ = fs.constants.O_RDONLY | ((fs.constants as { readonly O_NONBLOCK?: number }).O_NONBLOCK ?? 0);

/**
 * Opens a regular file for as long as it is used.
 * @throws InputError in one line where it is missing, may not be read, or is a folder, a pipe, a socket or a device.
 */
export function withInput<T>(file: string, use: (descriptor: number) => T): T {
  const descriptor = explained(file, () => fs.openSync(file, TO_READ));
  try {
    requireRegular(file, fs.fstatSync(descriptor));
    return use(descriptor);
  } finally {
    fs.closeSync(descriptor);
  }
}

/**
 * {@link withInput}'s way to open, for reading while others go on.
 * @throws InputError as it does.
 */
export async function openInput(file: string): Promise<FileHandle> {
  const handle = await open(file, TO_READ).catch((error: unknown) => explained(file, () => rethrow(error)));
  try {
    requireRegular(file, await handle.stat());
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/**
 * A file's bytes.
 * @throws InputError as {@link withInput} does, and where there are more than `limitBytes`.
 */
export function readInput(file: string, limitBytes: number): Buffer<ArrayBuffer> {
  return withInput(file, (descriptor) => {
    const { size } = fs.fstatSync(descriptor);
    if (size > limitBytes) throw new InputError(`${file} has ${bytesText(size)}, at most ${bytesText(limitBytes)} are allowed`);
    return fs.readFileSync(descriptor);
  });
}

/**
 * For what others open.
 * @throws InputError as {@link withInput} does.
 */
export function requireInput(file: string): void {
  withInput(file, () => undefined);
}

function requireRegular(file: string, stats: fs.Stats): void {
  if (stats.isFile()) return;
  if (stats.isDirectory()) throw new InputError(`${file} is a folder; give a file`);
  const kind = stats.isFIFO() ? 'a pipe' : stats.isSocket() ? 'a socket' : 'a device';
  throw new InputError(`${file} is ${kind}; give a regular file`);
}

function rethrow(error: unknown): never {
  throw error;
}

/** The operating system's reasons, as far as they lie with the path. */
function explained<T>(file: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    const reason = REASONS[code];
    throw reason === undefined ? error : new InputError(`${file} ${reason}${code === 'ENOENT' ? meantPath(file) : ''}`);
  }
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'may not be read: no permission',
  EISDIR: 'is a folder; give a file',
  ELOOP: 'is a link that leads to itself',
  ENAMETOOLONG: 'is too long for a path',
  ENOENT: 'does not exist',
  ENOTDIR: 'does not exist: a part of this path is a file',
  ENXIO: 'is a socket or a device; give a regular file',
  EPERM: 'may not be read: no permission',
  ERR_INVALID_ARG_VALUE: 'is no path',
};
