import { expect, jest, test } from '@jest/globals';
import type { z } from 'zod';
import * as commandLines from '../../command-line/index.js';
import { parseCommandLine, type CommandLine } from '../../command-line/command-line.js';

/** What each command's help is made of, as it hands it over. */
const handed: CommandLine<z.ZodRawShape>[] = [];
jest.unstable_mockModule('../../command-line/index.js', () => ({
  ...commandLines,
  runProgram: (line: CommandLine<z.ZodRawShape>) => {
    handed.push(line);
    return Promise.resolve(0);
  },
}));
const { all } = await import('../../commands/all.js');
const { runGroup } = await import('../../commands/command.js');

const LISTS = ['optimizers', 'schemes', 'models', 'tasks', 'grids'];
const nowhere = { write: () => true } as never;

/** As a shell has them. */
const wordsOf = (command: string): string[] =>
  (command.match(/'[^']*'|\S+/g) ?? []).map((word) => word.replace(/^'(.*)'$/, '$1')).filter((word) => !/^>+|^~/.test(word));

const names = Object.keys(all.commands).flatMap((name) => (name === 'ls' ? LISTS.map((list) => ['ls', list]) : [[name]]));
for (const name of names) await runGroup(all, name, { stdout: nowhere, stderr: nowhere, calledAs: 'zobench' });
const examples = handed.flatMap((line) =>
  line.examples.map(([command]): [string, string, typeof line] => [line.scriptName, command, line]),
);

test('every command has a help', () => {
  expect(handed).toHaveLength(names.length);
  expect(examples.length).toBeGreaterThan(20);
});

test.each(examples)('the help of %s has an example that it takes: %s', (_, command, line) => {
  expect(() => parseCommandLine(line, wordsOf(command))).not.toThrow();
});
