import fs from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { InputError, isSystemError } from './errors.js';
import { withInput } from './input-file.js';
import { removeLeftovers } from './leftovers.js';
import { ownedName } from './processes.js';

/** Appends bytes to the file that is being written. */
export type Append = (bytes: Uint8Array) => void;

/**
 * Writes a file whole or not at all: a reader sees the old file or the new one, also where the disk is full or this process dies.
 * A file that is replaced keeps its mode and owner; a symbolic link stays one, and what it points to is replaced.
 * @throws InputError where the path is something else than a file; the operating system's error, with `path`, where writing fails.
 */
export function writeFileWhole(file: string, content: string | Uint8Array): void {
  writeWhole(file, (append) => append(typeof content === 'string' ? Buffer.from(content) : content));
}

/** The same for content that is made while it is written. */
export function writeWhole(file: string, write: (append: Append) => void): void {
  const target = linkedFile(file);
  const replaced = fs.statSync(target, { throwIfNoEntry: false });
  if (replaced && !replaced.isFile()) throw new InputError(`${file}: is there already, and is no regular file`);
  const folder = dirname(target);
  removeLeftovers(folder);
  const temporary = join(folder, `.${ownedName(`${count++}.tmp`)}`);
  try {
    writeThrough(temporary, replaced, write);
    fs.renameSync(temporary, target);
    syncFolder(folder);
  } catch (error) {
    fs.rmSync(temporary, { force: true });
    throw isSystemError(error) ? namedAfter(file, error) : error;
  }
}

/** Copies a file the same way. */
export function copyWhole(from: string, to: string): void {
  withInput(from, (source) => {
    const buffer = Buffer.alloc(COPIED_BYTES);
    writeWhole(to, (append) => {
      for (let length = fs.readSync(source, buffer); length > 0; length = fs.readSync(source, buffer)) append(buffer.subarray(0, length));
    });
  });
}

const COPIED_BYTES = 4 << 20;
/** A single write of several GiB is refused by some systems. */
const WRITTEN_BYTES = 64 << 20;

let count = 0;

/** What a path stands for: where it is a symbolic link, what it points to, be that there or not. */
function linkedFile(file: string): string {
  const { isLink, target } = readLink(file);
  return isLink ? linkedFile(resolve(fs.realpathSync(dirname(file)), target)) : file;
}

function readLink(file: string): { isLink: boolean; target: string } {
  if (fs.lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink() !== true) return { isLink: false, target: file };
  return { isLink: true, target: fs.readlinkSync(file) };
}

function writeThrough(temporary: string, replaced: fs.Stats | undefined, write: (append: Append) => void): void {
  const descriptor = fs.openSync(temporary, 'wx');
  try {
    if (replaced) keepAttributes(descriptor, replaced);
    write((bytes) => writeAll(descriptor, bytes));
    fs.fsyncSync(descriptor);
  } finally {
    fs.closeSync(descriptor);
  }
}

function keepAttributes(descriptor: number, { mode, uid, gid }: fs.Stats): void {
  const own = fs.fstatSync(descriptor);
  if (own.uid !== uid || own.gid !== gid) unlessRefused(() => fs.fchownSync(descriptor, uid, gid));
  unlessRefused(() => fs.fchmodSync(descriptor, mode & 0o7777));
}

/** Only root may give files away, and some file systems know no modes and sync no folders. */
function unlessRefused(act: () => void): void {
  try {
    act();
  } catch (error) {
    if (!REFUSALS.includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}

const REFUSALS = ['EPERM', 'EACCES', 'EISDIR', 'EINVAL', 'ENOSYS', 'ENOTSUP'];

/** A write may take a part of what it is given, as where the disk gets full: the rest then has its own, which says why. */
function writeAll(descriptor: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length;) {
    done += fs.writeSync(descriptor, bytes, done, Math.min(bytes.length - done, WRITTEN_BYTES));
  }
}

/** Without it a power cut may undo the renaming. Not every system lets a folder be opened, nor every folder. */
function syncFolder(folder: string): void {
  unlessRefused(() => {
    const descriptor = fs.openSync(folder, 'r');
    try {
      fs.fsyncSync(descriptor);
    } finally {
      fs.closeSync(descriptor);
    }
  });
}

/** The error of the operating system, about the file that was meant instead of the temporary one. */
function namedAfter(file: string, error: NodeJS.ErrnoException): NodeJS.ErrnoException {
  const { code, errno, syscall } = error;
  const message = `${error.message.split(',')[0] ?? ''}: ${basename(file)}`;
  return Object.assign(new Error(message, { cause: error }), { code, errno, syscall, path: file });
}
