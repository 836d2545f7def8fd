import type { z } from 'zod';
import { DivergedError, InputError, isSystemError, refusalIn, UsageError } from '../engine/errors.js';
import { meantPath } from '../engine/near-path.js';
import { visible } from '../engine/visible.js';
import { COMPLETION, completionsOf, helpOf, parseCommandLine, type CommandLine, type Manner } from './command-line.js';
import { zobenchVersion } from '../engine/project.js';

/** Where a program writes, and what it goes by. */
export interface Output {
  /** Gets what was asked for: tables, plans, help. */
  readonly stdout: Pick<NodeJS.WritableStream, 'write'>;
  /** Gets progress and complaints. */
  readonly stderr: Pick<NodeJS.WritableStream, 'write'>;
  /** How the user called it, for its help and the commands that it prints, such as `zobench run`; default: by its npm script. */
  readonly calledAs?: string;
}

/** How a program answers, as its command line asks. */
export interface Reply {
  /** Gives a result: its text, or with `--json` a line of JSON. */
  readonly result: (text: string, data: unknown) => void;
  /** Says how it gets on, in a line, unless `--quiet`. */
  readonly progress: (line: string) => void;
  readonly quiet: boolean;
  readonly dryRun: boolean;
}

function replyOf({ json, quiet, dryRun }: Manner, { stdout, stderr }: Output): Reply {
  return {
    result: (text, data) => {
      stdout.write(`${json ? JSON.stringify(data) : text}\n`);
    },
    progress: (line) => {
      if (!quiet) stderr.write(`${line}\n`);
    },
    quiet,
    dryRun,
  };
}

/** Does what the command line asks, or shows the help or the version; returns the process's exit code, like `orComplain`. */
export function runProgram<Shape extends z.ZodRawShape>(
  line: CommandLine<Shape>,
  argv: readonly string[],
  { stdout, stderr, calledAs = line.scriptName }: Output,
  act: (options: z.output<z.ZodObject<Shape>>, operands: readonly string[], reply: Reply) => Promise<number>,
): Promise<number> {
  return orComplain(stderr, async () => {
    if (argv[0] === COMPLETION) {
      stdout.write(await completionsOf(line, argv.slice(1)));
      return 0;
    }
    const { options, operands, asksFor, manner } = parseCommandLine(line, argv);
    if (asksFor === undefined) return act(options, operands, replyOf(manner, { stdout, stderr }));
    stdout.write(`${asksFor === 'help' ? await helpOf({ ...line, scriptName: calledAs }) : `zobench ${zobenchVersion()}`}\n`);
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
    stderr.write(`zobench: ${elided(visible(complaint))}\n`);
    return error instanceof DivergedError ? 1 : 2;
  }
}

/** Characters of a complaint's beginning and end: what was given may be of any length. */
const [HEAD, TAIL] = [1000, 500];

/** A text with its middle left out where it is longer than anyone reads. */
const elided = (text: string): string => (text.length > HEAD + TAIL ? `${text.slice(0, HEAD)} … ${text.slice(-TAIL)}` : text);

/** What to say of an error that is none of zobench's faults; undefined for those that are. */
export function complaintOf(error: unknown): string | undefined {
  if (error instanceof UsageError || error instanceof InputError || error instanceof DivergedError) return error.message;
  if (!isSystemError(error)) return undefined;
  const { code, path } = error;
  return path === undefined ? error.message : `${path}: ${refusalIn(error)}${code === 'ENOENT' ? meantPath(path) : ''}`;
}
