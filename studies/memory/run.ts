import { join } from 'node:path';
import { makeFolder } from '../../engine/make-folder.js';
import { visible } from '../../engine/visible.js';
import { memoryMarkdown, writeMemoryStudy } from '../../reports/index.js';
import { runProgram, type Output } from '../../command-line/index.js';
import { commandLine, type MemoryOptions } from './arguments.js';
import { memoryStudy, subjectOf } from './study.js';

/** Does what the command line asks; returns the process's exit code. */
export function runMemory(argv: readonly string[], output: Output): Promise<number> {
  return runProgram(commandLine, argv, output, async (options, _, reply) => {
    const subject = await subjectOf(options);
    const folder = options.out ?? folderOf(options);
    if (reply.dryRun) {
      reply.result(`${options.model}, ${options.scheme}: to ${visible(folder)}`, { model: options.model, scheme: options.scheme, folder });
      return 0;
    }
    // What is measured has to have a place to go to.
    makeFolder(folder);
    const study = await memoryStudy(subject, (what) => reply.progress(what));
    writeMemoryStudy(folder, study);
    reply.result(`${memoryMarkdown(study)}\n${visible(folder)}`, { folder, ...study });
    return 0;
  });
}

const folderOf = ({ model, scheme, dtype }: MemoryOptions): string =>
  join('results', ['memory', model, scheme, dtype].join('-').replace(/[^A-Za-z0-9.]+/g, '-'));
