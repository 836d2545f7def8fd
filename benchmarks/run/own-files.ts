import { isOwnCode, ownCodeFile } from '../../own-code/index.js';
import { basename } from 'node:path';
import { UsageError } from '../../engine/errors.js';

import { shellQuoted } from '../../command-line/index.js';

// A file of data may name code, but only the command line has it run.

/** The part of a path behind its file: `:q=4` of `./mine.ts:q=4`. */
const optionsOf = (name: string): string => name.slice(ownCodeFile(name).length);

const isSameFile = (a: string, b: string): boolean => basename(ownCodeFile(a)) === basename(ownCodeFile(b));

/** What the command line gives, with the options that a file of data names where it gives none. */
export const withOptionsOf = (named: string, given: string): string => (optionsOf(given) === '' ? given + optionsOf(named) : given);

/** Whether what the command line gives is one of those named, wherever it lies now, and not to take their place with other options. */
export const isAllowance = (given: string, named: readonly string[]): boolean =>
  isOwnCode(given) && named.some((name) => isSameFile(name, given) && ['', optionsOf(name)].includes(optionsOf(given)));

/**
 * The optimizers, schemes or tasks that a file names, with those of the user's own where the command line has them; options are the file's.
 * @param what they are: the option that gives them.
 * @param source the file, for the message.
 * @throws UsageError where one is named that was not given.
 */
export function allowedCode(what: OwnCode, named: readonly string[], given: readonly string[], source: string): string[] {
  const found = named.map((name) => (isOwnCode(name) ? allowed(name, given) : name));
  const missing = named.filter((_, index) => found[index] === undefined);
  if (missing.length === 0) return found.filter((name) => name !== undefined);
  throw notAllowed(what, source, missing);
}

function allowed(name: string, given: readonly string[]): string | undefined {
  const there = given.find((file) => isSameFile(name, file));
  return there === undefined ? undefined : ownCodeFile(there) + optionsOf(name);
}

const NOUNS = { optimizer: 'an optimizer', scheme: 'a scheme', task: 'a task' } as const;

/** What may be in a file of the user's own code, by the option that gives it. */
export type OwnCode = keyof typeof NOUNS;
export const ownCodeOptions = Object.keys(NOUNS) as OwnCode[];

/** The complaint that a file names code which the command line does not. */
export const notAllowed = (what: OwnCode, source: string, files: readonly string[]): UsageError =>
  new UsageError(
    `${source} names ${NOUNS[what]} of your own, whose code runs only where you give it: --${what} ${files.map(shellQuoted).join(',')}`,
  );
