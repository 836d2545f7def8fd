import yargs from 'yargs';
import { z } from 'zod';
import { runProgram } from '../command-line/index.js';
import type { CommandHandler } from './command.js';

const commandLine = {
  scriptName: 'zobench completion',
  usage: 'Prints the completion script of the shell that SHELL names, bash or zsh, for a zobench that is on the PATH.',
  schema: z.strictObject({}),
  examples: [['>> ~/.bashrc', 'from the next shell on']] as const,
};

export const run: CommandHandler = (argv, output) =>
  runProgram(commandLine, argv, output, () => {
    yargs([]).scriptName('zobench').showCompletionScript();
    return Promise.resolve(0);
  });
