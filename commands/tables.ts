import { join } from 'node:path';
import { z } from 'zod';
import { UsageError, writeFileWhole } from '../engine/index.js';
import { apart, findingsMarkdown, findingsOf, runOf, writeTables, type RecordedRuns, type Written } from '../reports/index.js';
import { readRecords } from '../records/index.js';
import { type CommandLine, text, runProgram, type Output } from '../command-line/index.js';

const schema = z.strictObject({ out: text().optional().describe('folder to write them to; default: tables in the first run folder') });

const commandLine: CommandLine<typeof schema.shape> = {
  scriptName: 'npm run tables --',
  usage:
    'Writes the tables and figures of ZO-Bench, MeZO and QZO, filled from the records of one or more runs, beside the published values.',
  operands: '<run folder> [<run folder> ...]',
  schema,
  examples: [['results/quick-1a2b3c4d', 'as CSV, Markdown and LaTeX in results/quick-1a2b3c4d/tables']],
};

/** Writes the papers' tables and figures from the records of run folders; returns the process's exit code. */
export function run(argv: readonly string[], output: Output): Promise<number> {
  return runProgram(commandLine, argv, output, async (options, folders, reply) => {
    const [first] = folders;
    if (first === undefined) throw new UsageError(`a run folder is needed: ${output.calledAs ?? commandLine.scriptName} <run folder>`);
    const out = options.out ?? join(first, 'tables');
    const { run, problems } = read(folders);
    for (const problem of problems) output.stderr.write(`zobench: ${problem}\n`);
    if (reply.dryRun) {
      reply.result(`tables of ${folders.join(', ')}, to be written to ${out}`, { folders, out });
      return 0;
    }
    const tables = await writeTables(out, run);
    const findings = findingsOf(run);
    writeFileWhole(join(out, 'findings.md'), findingsMarkdown(findings, run));
    reply.result(
      `${listOf(tables)}\n\n${join(out, 'findings.md')} says which of ZO-Bench's claims hold in this run.\n${join(out, 'tables.md')} holds them all; each is there as .csv, .md and .tex.`,
      { out, tables, findings },
    );
    return 0;
  });
}

/** The records of all folders; a line for each file that is none. */
function read(folders: readonly string[]): { run: RecordedRuns; problems: string[] } {
  const results = folders.map((folder) => ({ folder, ...readRecords(folder) }));
  const { records, problems: names } = apart(results.flatMap(({ records }) => records));
  const problems = results.flatMap(({ folder, problems }) => problems.map((problem) => join(folder, problem)));
  return { run: runOf(records, folders), problems: [...problems, ...names] };
}

function listOf(tables: readonly Written[]): string {
  return tables.map(({ id, title, isFilled }) => `${id}: ${title}${isFilled ? '' : ' (nothing of this run)'}`).join('\n');
}
