import { closest, distance } from 'fastest-levenshtein';
import type { z } from 'zod';
import './schema-messages.js';
import { visibleLine } from './visible.js';

/** The caller asked for something that does not exist or cannot be: the command line prints the message and exits with 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';

  constructor(message: string) {
    super(visibleLine(message));
  }
}

/** Things that exist do not go together, such as a task and a kind of model: a run of many crosses leaves such a one out. */
export class UnfitError extends UsageError {}

/** A file or a value in it is wrong; the message names the file and the place. */
export class InputError extends Error {
  override readonly name = 'InputError';

  constructor(message: string) {
    super(visibleLine(message));
  }
}

/** The loss stopped being a number. */
export class DivergedError extends Error {
  override readonly name = 'DivergedError';
}

/** The first thing that a schema of zod's did not like, in a line: "shape.0: a whole number is needed, not null". */
export function firstIssue({ issues: [issue] }: z.ZodError): string {
  return [issue?.path.join('.'), issue?.message].filter(Boolean).join(': ');
}

/** There is no memory for what a run needs. */
export class OutOfMemoryError extends Error {
  override readonly name = 'OutOfMemoryError';
}

/** What V8, ONNX Runtime and C++ report where memory is exhausted. */
const EXHAUSTED = /Array buffer allocation failed|Failed to allocate memory|bad_alloc/;

/** Whether an error reports that memory is exhausted, whoever threw it. */
export function isOutOfMemory(error: unknown): boolean {
  const { message } = Object(error) as { readonly message?: unknown };
  return error instanceof OutOfMemoryError || (typeof message === 'string' && EXHAUSTED.test(message));
}

/** Whether an error is what a call of the operating system ended with, such as one that reads or writes a file. */
export const isSystemError = (error: unknown): error is NodeJS.ErrnoException & { readonly code: string } =>
  typeof error === 'object' && error !== null && 'syscall' in error && 'code' in error;

/** What the operating system's most frequent answers mean for a path. */
const REFUSALS: Readonly<Record<string, string>> = {
  EACCES: 'no permission',
  EDQUOT: 'no space is left within the quota of its disk',
  EEXIST: 'is there already, and is no folder',
  EFBIG: 'would be larger than a file may be',
  EIO: 'its disk cannot be read or written',
  EISDIR: 'is a folder; give a file',
  ENOENT: 'does not exist',
  ENOSPC: 'no space is left on its disk',
  ENOTDIR: 'a part of this path is a file; give a folder',
  EPERM: 'no permission',
  EROFS: 'its disk is read-only',
};

/** What an error says of the path that it is about, in a few words where the operating system gave one of its usual answers. */
export function refusalIn(error: unknown): string {
  const { code = '', message = String(error) } = Object(error) as Partial<NodeJS.ErrnoException>;
  return REFUSALS[code] ?? message;
}

/** "unknown optimizer zo-sdg: did you mean zo-sgd? (there are: ...)" */
export function unknownName(kind: string, name: string, valid: readonly string[]): UsageError {
  const nearest = nearestName(name, valid);
  const hint = nearest === undefined ? '' : `: did you mean ${nearest}?`;
  return new UsageError(`unknown ${kind} ${name}${hint} (there are: ${valid.join(', ')})`);
}

/** The only name that begins so, or else the one that is written most alike, if it is alike enough to be meant. */
export function nearestName(name: string, valid: readonly string[]): string | undefined {
  const [first, ...others] = valid.filter((one) => name !== '' && one.startsWith(name));
  if (first !== undefined && others.length === 0) return first;
  const nearest = valid.length > 0 ? closest(name, [...valid]) : '';
  return nearest && distance(name, nearest) <= Math.max(2, name.length / 3) ? nearest : undefined;
}
