import { basename } from 'node:path';
import { UsageError } from '../../engine/errors.js';
import { isOptimizerPath, optimizerFile } from '../../optimizers/index.js';
import { shellQuoted } from '../../command-line/index.js';

// A file of data may name code, but only the command line has it run.

/** The part of a path behind its file: `:q=4` of `./mine.ts:q=4`. */
const optionsOf = (name: string): string => name.slice(optimizerFile(name).length);

const isSameFile = (a: string, b: string): boolean => basename(optimizerFile(a)) === basename(optimizerFile(b));

/** What the command line gives, with the options that a file of data names where it gives none. */
export const withOptionsOf = (named: string, given: string): string => (optionsOf(given) === '' ? given + optionsOf(named) : given);

/** Whether what the command line gives is one of those named, wherever it lies now, and not to take their place with other options. */
export const isAllowance = (given: string, named: readonly string[]): boolean =>
  isOptimizerPath(given) && named.some((name) => isSameFile(name, given) && ['', optionsOf(name)].includes(optionsOf(given)));

/**
 * The optimizers that a file names, with those of the user's own where the command line has them; options are the file's.
 * @param source the file, for the message.
 * @throws UsageError where one is named that was not given.
 */
export function allowedOptimizers(named: readonly string[], given: readonly string[], source: string): string[] {
  const found = named.map((name) => (isOptimizerPath(name) ? allowed(name, given) : name));
  const missing = named.filter((_, index) => found[index] === undefined);
  if (missing.length === 0) return found.filter((name) => name !== undefined);
  throw notAllowed(source, missing);
}

function allowed(name: string, given: readonly string[]): string | undefined {
  const there = given.find((file) => isSameFile(name, file));
  return there === undefined ? undefined : optimizerFile(there) + optionsOf(name);
}

/** The complaint that a file names code which the command line does not. */
export const notAllowed = (source: string, files: readonly string[]): UsageError =>
  new UsageError(
    `${source} names an optimizer of your own, whose code runs only where you give it: --optimizer ${files.map(shellQuoted).join(',')}`,
  );
