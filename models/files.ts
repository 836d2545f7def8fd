import fs from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { InputError } from '../engine/errors.js';

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

/** {@link fill} while others go on. */
export async function fillFrom(handle: FileHandle, file: string, position: number, target: Uint8Array): Promise<void> {
  for (let done = 0; done < target.length;) {
    const { bytesRead } = await handle.read(target, done, target.length - done, position + done);
    if (bytesRead === 0) throw endsAt(file, position + done);
    done += bytesRead;
  }
}

const endsAt = (file: string, position: number): InputError =>
  new InputError(`${file} ends at byte ${position}, more was expected; fetch it again`);
