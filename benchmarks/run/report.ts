import { z } from 'zod';
import { UsageError } from '../../engine/errors.js';
import { visible } from '../../engine/visible.js';
import { markdownTable, terminalTable, writeReport } from '../../reports/index.js';
import { type CommandLine, runProgram, text, type Output, type Reply } from '../../command-line/index.js';
import { readRecords } from '../../records/index.js';
import { mergeRuns } from './merge.js';
import type { Reported } from './run.js';

const schema = z.strictObject({
  out: text().optional().describe('folder to merge the run folders in: the shards of a run, or several runs'),
});

const commandLine: CommandLine<typeof schema.shape> = {
  scriptName: 'zobench report',
  usage:
    'Writes the reports of run folders again, from their records: results.csv, curves.csv, report.html and the plots.\nWith --out, brings the records of all of them into one folder first, and writes the reports of that.',
  operands: '<run folder> [<run folder> ...]',
  schema,
  examples: [
    ['results/quick-1a2b3c4d', 'after records were copied into it, or with a newer zobench'],
    ['results/part-1 results/part-2 --out results/whole', 'the shards of two machines as one run'],
  ],
};

/** Writes the reports of run folders again, or of what they hold together; returns the process's exit code. */
export function runReport(argv: readonly string[], output: Output): Promise<number> {
  return runProgram(commandLine, argv, output, async ({ out }, folders, reply) => {
    if (folders.length === 0) throw new UsageError(`a run folder is needed: ${output.calledAs ?? commandLine.scriptName} <run folder>`);
    if (reply.dryRun) return sayWhatIsThere(folders, out, reply);
    const notes = out === undefined ? [] : mergeRuns(folders, out);
    for (const note of notes) output.stderr.write(`${visible(note)}\n`);
    for (const folder of out === undefined ? folders : [out]) {
      const { text, data } = await reported(folder, output.stdout);
      reply.result(`${visible(folder)}:\n${text}`, data);
    }
    return 0;
  });
}

function sayWhatIsThere(folders: readonly string[], out: string | undefined, { result }: Reply): number {
  for (const folder of folders) {
    const [records, to] = [readRecords(folder).records.length, out ?? folder];
    result(`${visible(folder)}: ${records} records, to be reported in ${visible(to)}`, { folder, records, out: to });
  }
  return 0;
}

/** Writes a run folder's reports; gives its results as a table, and a line for each record that could not be used. */
export async function reported(folder: string, stdout: Output['stdout']): Promise<Reported> {
  const { summary, problems } = await writeReport(folder);
  // A file or a pipe gets what can be pasted into a document.
  const { isTTY = false, columns = 0 } = stdout as Partial<NodeJS.WriteStream>;
  const text = [isTTY ? terminalTable(summary, columns) : markdownTable(summary), ...problems].join('\n');
  return { text, data: { folder, results: summary, problems } };
}
