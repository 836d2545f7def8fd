import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Parameters } from '../engine/index.js';

/** The trainable parameters as they were at the best evaluation. Kept on disk: in memory they would count against the optimizer. */
export class BestParameters {
  readonly #folder = mkdtempSync(join(tmpdir(), 'zobench-'));
  readonly #file = join(this.#folder, 'best');

  constructor(readonly parameters: Parameters) {}

  save(): void {
    this.#each('w', (file, values) => writeSync(file, values));
  }

  restore(): void {
    this.#each('r', (file, values) => readSync(file, values));
  }

  delete(): void {
    rmSync(this.#folder, { recursive: true });
  }

  #each(flags: string, transfer: (file: number, values: Float32Array) => number): void {
    const file = openSync(this.#file, flags);
    try {
      for (const parameter of this.parameters.trainable) transfer(file, this.parameters.values(parameter));
    } finally {
      closeSync(file);
    }
  }
}
