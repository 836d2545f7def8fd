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
 * The exit code that `act` gives; one line and 2 where what it was given is wrong, 1 where the loss is not a number. Any other
 * error is a fault of zobench and is thrown on.
 */
export async function orComplain(stderr: Output['stderr'], act: () => number | Promise<number>): Promise<number> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof UsageError || error instanceof InputError || error instanceof DivergedError)) throw error;
    stderr.write(`zobench: ${error.message}\n`);
    return error instanceof DivergedError ? 1 : 2;
  }
}
