import { join } from 'node:path';
import { memoryMarkdown, writeMemoryStudy } from '../../reports/index.js';
import { runProgram, type Output } from '../../command-line/index.js';
import { commandLine, type MemoryOptions } from './arguments.js';
import { memoryStudy } from './study.js';

/** Does what the command line asks; returns the process's exit code. */
export function runMemory(argv: readonly string[], output: Output): Promise<number> {
  return runProgram(commandLine, argv, output, async (options) => {
    const study = await memoryStudy(options, (what) => output.stderr.write(`${what}\n`));
    const folder = options.out ?? folderOf(options);
    writeMemoryStudy(folder, study);
    output.stdout.write(`${memoryMarkdown(study)}\n${folder}\n`);
    return 0;
  });
}

const folderOf = ({ model, scheme, dtype }: MemoryOptions): string =>
  join('results', ['memory', model, scheme, dtype].join('-').replace(/[^A-Za-z0-9.]+/g, '-'));
