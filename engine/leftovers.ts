import { mkdtempSync, readdirSync, rmdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { InputError, refusalIn } from './errors.js';
import { ownedName, ownerState } from './processes.js';

/** Beyond this age what another machine or container began to write is taken for abandoned. */
const DAY_MS = 24 * 3600 * 1000;

const swept = new Set<string>();

/** Removes from a folder what processes that are gone began there and could not remove; once per folder and process. */
export function removeLeftovers(folder: string): void {
  const key = resolve(folder);
  if (swept.has(key)) return;
  swept.add(key);
  for (const name of namesIn(folder)) {
    const path = join(folder, name);
    if (isAbandoned(path)) remove(path);
  }
}

/** Whether nobody works any more on what has an owned name: its process is gone or, where that cannot be told, has let it lie for a day. */
export function isAbandoned(path: string): boolean {
  const owner = ownerState(basename(path));
  return owner === 'dead' || (owner === 'elsewhere' && isOld(path));
}

/**
 * A new folder in the system's temporary folder; what earlier processes left there goes. The caller removes it.
 * @throws InputError where none can be made.
 */
export function makeTemporaryFolder(): string {
  removeLeftovers(tmpdir());
  try {
    return mkdtempSync(join(tmpdir(), ownedName('')));
  } catch (error) {
    throw new InputError(`${tmpdir()}: no temporary folder can be made there (${refusalIn(error)}): let TMPDIR name another one`);
  }
}

/** To be asked before work that will want one. @throws InputError where {@link makeTemporaryFolder} would. */
export const requireTemporaryFolder = (): void => rmdirSync(makeTemporaryFolder());

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // not there, or not ours to list: nothing to clean
  }
}

const isOld = (path: string): boolean => Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Infinity) > DAY_MS;

function remove(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch {
    // Someone else's, which only they can remove.
  }
}
