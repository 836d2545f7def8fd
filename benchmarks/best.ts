import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Parameters } from '../engine/index.js';

/** The trainable parameters as they were at the best evaluation. Kept on disk: in memory they would count against the optimizer. */
export class BestParameters {
  readonly #file = openNamelessFile();

  constructor(readonly parameters: Parameters) {}

  save(): void {
    this.#each((values, position) => writeSync(this.#file, values, 0, values.byteLength, position));
  }

  restore(): void {
    this.#each((values, position) => readSync(this.#file, values, 0, values.byteLength, position));
  }

  delete(): void {
    closeSync(this.#file);
  }

  #each(transfer: (values: Float32Array, position: number) => number): void {
    let position = 0;
    for (const parameter of this.parameters.trainable) position += transfer(this.parameters.values(parameter), position);
  }
}

/** A file that is gone with the process, however that ends: its name is removed while it is open. */
function openNamelessFile(): number {
  const folder = mkdtempSync(join(tmpdir(), 'zobench-'));
  const file = openSync(join(folder, 'best'), 'w+');
  rmSync(folder, { recursive: true });
  return file;
}
