import { z } from 'zod';
import { UsageError } from '../../engine/errors.js';
import { visible } from '../../engine/visible.js';
import { markdownTable, terminalTable, writeReport } from '../../reports/index.js';
import { type CommandLine, runProgram, type Output } from '../../command-line/index.js';

const schema = z.strictObject({});

const commandLine: CommandLine<typeof schema.shape> = {
  scriptName: 'zobench report',
  usage: 'Writes the reports of run folders again, from their records: results.csv, curves.csv, report.html and the plots.',
  operands: '<run folder> [<run folder> ...]',
  schema,
  described: {},
  examples: [['results/quick-1a2b3c4d', 'after records were copied into it, or with a newer zobench']],
};

/** Writes the reports of run folders again; returns the process's exit code. */
export function runReport(argv: readonly string[], output: Output): Promise<number> {
  return runProgram(commandLine, argv, output, async (_, folders) => {
    if (folders.length === 0) throw new UsageError(`a run folder is needed: ${output.calledAs ?? commandLine.scriptName} <run folder>`);
    for (const folder of folders) output.stdout.write(`${visible(folder)}:\n${await reportText(folder, output.stdout)}\n`);
    return 0;
  });
}

/** Writes a run folder's reports; gives its results as a table, and a line for each record that could not be used. */
export async function reportText(folder: string, stdout: Output['stdout']): Promise<string> {
  const { summary, problems } = await writeReport(folder);
  // A file or a pipe gets what can be pasted into a document.
  const { isTTY = false, columns = 0 } = stdout as Partial<NodeJS.WriteStream>;
  return [isTTY ? terminalTable(summary, columns) : markdownTable(summary), ...problems].join('\n');
}
