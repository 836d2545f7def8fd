import { basename } from 'node:path';
import { UsageError } from '../engine/errors.js';
import { isOptimizerPath } from '../optimizers/index.js';
import { shellQuoted } from './messages.js';

// A file of data may name code, but only the command line has it run.

/**
 * The optimizers that a file names, with those of the user's own as the command line has them.
 * @param source the file, for the message.
 * @throws UsageError where one is named that was not given.
 */
export function allowedOptimizers(named: readonly string[], given: readonly string[], source: string): string[] {
  const found = named.map((name) => (isOptimizerPath(name) ? given.find((file) => basename(file) === basename(name)) : name));
  const missing = named.filter((_, index) => found[index] === undefined);
  if (missing.length === 0) return found.filter((name) => name !== undefined);
  throw notAllowed(source, missing);
}

/** The complaint that a file names code which the command line does not. */
export const notAllowed = (source: string, files: readonly string[]): UsageError =>
  new UsageError(
    `${source} names an optimizer of your own, whose code runs only where you give it: --optimizer ${files.map(shellQuoted).join(',')}`,
  );
