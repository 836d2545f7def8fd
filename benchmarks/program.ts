import type { z } from 'zod';
import { DivergedError, InputError, UsageError } from '../engine/errors.js';
import { helpOf, parseCommandLine, type CommandLine } from './command-line.js';

/** Where a program writes. */
export interface Output {
  /** Gets what was asked for: tables, plans, help. */
  readonly stdout: Pick<NodeJS.WritableStream, 'write'>;
  /** Gets progress and complaints. */
  readonly stderr: Pick<NodeJS.WritableStream, 'write'>;
}

/** Does what the command line asks, or shows the help; returns the process's exit code, like `orComplain`. */
export function runProgram<Shape extends z.ZodRawShape>(
  line: CommandLine<Shape>,
  argv: readonly string[],
  { stdout, stderr }: Output,
  act: (options: z.output<z.ZodObject<Shape>>, operands: readonly string[]) => Promise<number>,
): Promise<number> {
  return orComplain(stderr, async () => {
    const { options, operands, asksForHelp } = parseCommandLine(line, argv);
    if (!asksForHelp) return act(options, operands);
    stdout.write(`${await helpOf(line)}\n`);
    return 0;
  });
}

/**
 * The exit code that `act` gives; one line and 2 where what it was given is wrong or a file cannot be read or written, 1 where the loss
 * is not a number. Any other error is a fault of zobench and is thrown on.
 */
export async function orComplain(stderr: Output['stderr'], act: () => number | Promise<number>): Promise<number> {
  try {
    return await act();
  } catch (error) {
    const complaint = complaintOf(error);
    if (complaint === undefined) throw error;
    stderr.write(`zobench: ${complaint}\n`);
    return error instanceof DivergedError ? 1 : 2;
  }
}

function complaintOf(error: unknown): string | undefined {
  if (error instanceof UsageError || error instanceof InputError || error instanceof DivergedError) return error.message;
  const { code = '', path } = error as NodeJS.ErrnoException;
  return path !== undefined && code in REFUSALS ? `${path}: ${REFUSALS[code] ?? ''}` : undefined;
}

/** What the operating system answers where a path that was given is none of the kind that is needed. */
const REFUSALS: Readonly<Record<string, string>> = {
  EACCES: 'no permission',
  EEXIST: 'is there already, and is no folder',
  EISDIR: 'is a folder; give a file',
  ENOSPC: 'no space is left on its disk',
  ENOTDIR: 'a part of this path is a file; give a folder',
  EPERM: 'no permission',
  EROFS: 'its disk is read-only',
};
