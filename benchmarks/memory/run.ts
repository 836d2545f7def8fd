import { join } from 'node:path';
import { InputError, UsageError } from '../../engine/index.js';
import { memoryMarkdown, writeMemoryStudy } from '../../reports/index.js';
import { memoryHelp, parseMemoryArguments, type MemoryOptions } from './arguments.js';
import { memoryStudy } from './study.js';

interface Streams {
  /** Gets the tables. */
  readonly stdout: Pick<NodeJS.WritableStream, 'write'>;
  /** Gets progress and complaints. */
  readonly stderr: Pick<NodeJS.WritableStream, 'write'>;
}

/** Does what the command line asks; returns the process's exit code. */
export async function runMemory(argv: readonly string[], { stdout, stderr }: Streams): Promise<number> {
  try {
    const options = parseMemoryArguments(argv);
    if (options.help) {
      stdout.write(`${await memoryHelp()}\n`);
      return 0;
    }
    const study = await memoryStudy(options, (what) => stderr.write(`${what}\n`));
    const folder = options.out ?? folderOf(options);
    writeMemoryStudy(folder, study);
    stdout.write(`${memoryMarkdown(study)}\n${folder}\n`);
    return 0;
  } catch (error) {
    if (!(error instanceof UsageError || error instanceof InputError)) throw error;
    stderr.write(`zobench: ${error.message}\n`);
    return 2;
  }
}

const folderOf = ({ model, scheme, dtype }: MemoryOptions): string =>
  join('results', ['memory', model, scheme, dtype].join('-').replace(/[^A-Za-z0-9.]+/g, '-'));
