import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { nearestName } from './errors.js';

/** ": did you mean runs/first?" of a path that leads nowhere, but past something of a near name; empty for every other. */
export function meantPath(path: string): string {
  const near = existsSync(path) ? undefined : nearPath(path);
  return near === undefined ? '' : `: did you mean ${near}?`;
}

/** Shorter names are near to all others that are short. */
const SHORT = 3;

function nearPath(path: string): string | undefined {
  const parent = dirname(path);
  if (parent === path) return undefined;
  // Where a folder on the way is misspelt, what lies in the one that is meant.
  const folder = existsSync(parent) ? parent : nearPath(parent);
  if (folder === undefined) return undefined;
  const same = join(folder, basename(path));
  if (existsSync(same)) return same;
  const near =
    basename(path).length < SHORT
      ? undefined
      : nearestName(
          basename(path),
          namesIn(folder).filter((name) => withoutNumbers(name) !== withoutNumbers(basename(path))),
        );
  return near === undefined ? undefined : join(folder, near);
}

/** What differs in a number alone is another of its kind, such as the next part of a model. */
const withoutNumbers = (name: string): string => name.replace(/\d+/g, '');

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // no folder, or not to be read
  }
}
