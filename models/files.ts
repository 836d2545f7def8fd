import fs from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { InputError } from '../engine/errors.js';

/**
 * Opens a file for as long as it is used.
 * @throws InputError where a file to read is missing.
 */
export function withFile<T>(file: string, use: (descriptor: number) => T, flags: 'r' | 'w' = 'r'): T {
  if (flags === 'r') checkExists(file);
  const descriptor = fs.openSync(file, flags);
  try {
    return use(descriptor);
  } finally {
    fs.closeSync(descriptor);
  }
}

/**
 * Reads as many bytes as `target` has, from `position` on.
 * @throws InputError where the file has fewer.
 */
export function fill(descriptor: number, file: string, position: number, target: Uint8Array): void {
  for (let done = 0; done < target.length;) {
    const count = fs.readSync(descriptor, target, done, target.length - done, position + done);
    if (count === 0) throw endsAt(file, position + done);
    done += count;
  }
}

/** {@link withFile}'s way to open, for {@link fillFrom}. */
export async function openToRead(file: string): Promise<FileHandle> {
  checkExists(file);
  return await open(file);
}

/** {@link fill} while others go on. */
export async function fillFrom(handle: FileHandle, file: string, position: number, target: Uint8Array): Promise<void> {
  for (let done = 0; done < target.length;) {
    const { bytesRead } = await handle.read(target, done, target.length - done, position + done);
    if (bytesRead === 0) throw endsAt(file, position + done);
    done += bytesRead;
  }
}

function checkExists(file: string): void {
  if (!fs.existsSync(file)) throw new InputError(`${file} does not exist`);
}

const endsAt = (file: string, position: number): InputError =>
  new InputError(`${file} ends at byte ${position}, more was expected; fetch it again`);
