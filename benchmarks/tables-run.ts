import { existsSync } from 'node:fs';
import { join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import yargs from 'yargs';
import { UsageError, InputError } from '../engine/index.js';
import { findingsMarkdown, findingsOf, readRecords, runOf, writeTables, type Run, type Written } from '../reports/index.js';

/** Where a program writes. */
export interface Output {
  readonly stdout: Pick<NodeJS.WritableStream, 'write'>;
  readonly stderr: Pick<NodeJS.WritableStream, 'write'>;
}

interface Request {
  readonly folders: readonly [string, ...string[]];
  readonly out: string;
}

/** Writes the papers' tables and figures from the records of run folders; returns the process's exit code. */
export async function runTables(argv: readonly string[], { stdout, stderr }: Output): Promise<number> {
  try {
    const cli = parser(argv);
    const request = requestOf(cli.parseSync());
    if (!request) {
      stdout.write(`${await cli.getHelp()}\n`);
      return 0;
    }
    const { run, problems } = read(request.folders);
    for (const problem of problems) stderr.write(`zobench: ${problem}\n`);
    const tables = await writeTables(request.out, run);
    writeFileAtomic.sync(join(request.out, 'findings.md'), findingsMarkdown(findingsOf(run), run));
    stdout.write(
      `${listOf(tables)}\n\n${join(request.out, 'findings.md')} says which of ZO-Bench's claims hold in this run.\n${join(request.out, 'tables.md')} holds them all; each is there as .csv, .md and .tex.\n`,
    );
    return 0;
  } catch (error) {
    if (!(error instanceof UsageError || error instanceof InputError)) throw error;
    stderr.write(`zobench: ${error.message}\n`);
    return 2;
  }
}

function parser(argv: readonly string[]) {
  return yargs([...argv])
    .scriptName('npm run tables --')
    .usage(
      '$0 <run folder> [<run folder> ...]\n\nWrites the tables and figures of ZO-Bench, MeZO and QZO, filled from the records of one or more runs, beside the published values.',
    )
    .locale('en')
    .help(false)
    .version(false)
    .exitProcess(false)
    .wrap(110)
    .option('out', { type: 'string', requiresArg: true, describe: 'folder to write them to; default: tables in the first run folder' })
    .option('help', { type: 'boolean', describe: 'show this' })
    .strictOptions()
    .fail((message: string, error?: Error) => {
      throw new UsageError(message || (error?.message ?? 'wrong usage'));
    })
    .example('$0 results/quick-1a2b3c4d', 'as CSV, Markdown and LaTeX in results/quick-1a2b3c4d/tables');
}

/** undefined where help is asked for. */
function requestOf({ _: given, out, help }: ReturnType<ReturnType<typeof parser>['parseSync']>): Request | undefined {
  if (help) return undefined;
  const [first, ...others] = given.map(String);
  if (first === undefined) throw new UsageError('a run folder is needed: npm run tables -- <run folder>');
  return { folders: [first, ...others], out: out ?? join(first, 'tables') };
}

/** The records of all folders; a line for each file that is none. */
function read(folders: readonly string[]): { run: Run; problems: string[] } {
  const missing = folders.find((folder) => !existsSync(join(folder, 'records')));
  if (missing !== undefined) throw new UsageError(`${missing}: no folder "records" in it; give the folder that a run wrote`);
  const results = folders.map((folder) => ({ folder, ...readRecords(folder) }));
  return {
    run: runOf(
      results.flatMap(({ records }) => records),
      folders,
    ),
    problems: results.flatMap(({ folder, problems }) => problems.map((problem) => join(folder, problem))),
  };
}

function listOf(tables: readonly Written[]): string {
  return tables.map(({ id, title, isFilled }) => `${id}: ${title}${isFilled ? '' : ' (nothing of this run)'}`).join('\n');
}
