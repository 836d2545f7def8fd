import fs, { closeSync, openSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InputError, makeTemporaryFolder, refusalIn, type Parameters } from '../engine/index.js';

/** The trainable parameters as they were at the best evaluation. Kept on disk: in memory they would count against the optimizer. */
export class BestParameters {
  readonly #file = openNamelessFile();

  constructor(readonly parameters: Parameters) {}

  /** @throws InputError with the folder where its disk is full. */
  save(): void {
    try {
      this.#each((bytes, position) => fs.writeSync(this.#file, bytes, 0, bytes.length, position));
    } catch (error) {
      const where = `${tmpdir()}: the best parameters cannot be kept there`;
      throw new InputError(`${where} (${refusalIn(error)}): make room, or let TMPDIR name another one`);
    }
  }

  restore(): void {
    this.#each((bytes, position) => readSync(this.#file, bytes, 0, bytes.length, position));
  }

  delete(): void {
    closeSync(this.#file);
  }

  /** A transfer may do a part of what it is asked, as where the disk is full, and says how many bytes it did. */
  #each(transfer: (bytes: Uint8Array, position: number) => number): void {
    let position = 0;
    for (const parameter of this.parameters.trainable) {
      const { buffer, byteOffset, byteLength } = this.parameters.values(parameter);
      const end = position + byteLength;
      while (position < end) {
        const count = transfer(new Uint8Array(buffer, byteOffset + byteLength - (end - position), end - position), position);
        if (count === 0) throw new Error('the best parameters cannot be kept on disk');
        position += count;
      }
    }
  }
}

/** A file that is gone with the process, however that ends: its name is removed while it is open. */
function openNamelessFile(): number {
  const folder = makeTemporaryFolder();
  const file = openSync(join(folder, 'best'), 'w+');
  rmSync(folder, { recursive: true });
  return file;
}
