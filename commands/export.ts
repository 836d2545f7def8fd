import { join } from 'node:path';
import { z } from 'zod';
import { UsageError } from '../engine/index.js';
import { makeFolder } from '../engine/make-folder.js';
import { visible } from '../engine/visible.js';
import { apart, eachOnce, exporters, exportFormats } from '../reports/index.js';
import { readRecords } from '../records/index.js';
import { type CommandLine, oneOf, runProgram, text, type Output } from '../command-line/index.js';

const schema = z.strictObject({
  format: oneOf(exportFormats)
    .optional()
    .describe(`one of ${exportFormats.join(', ')}`),
  out: text().optional().describe('folder to write to; default: export in the first run folder'),
});

const commandLine: CommandLine<typeof schema.shape> = {
  scriptName: 'zobench export',
  usage: 'Writes the results and curves of run folders as JSON lines, Parquet or event files of TensorBoard.',
  operands: '<run folder> [<run folder> ...]',
  schema,
  examples: [
    ['results/quick-1a2b3c4d --format parquet', 'results.parquet and curves.parquet, for pandas, polars, DuckDB'],
    ['results/a results/b --format tensorboard --out logs', 'then: tensorboard --logdir logs, or wandb sync logs'],
  ],
};

/** Writes the records of run folders in another form; returns the process's exit code. */
export function run(argv: readonly string[], output: Output): Promise<number> {
  return runProgram(commandLine, argv, output, ({ format, out }, folders, reply) => {
    const [first] = folders;
    if (first === undefined) throw new UsageError(`a run folder is needed: ${output.calledAs ?? commandLine.scriptName} <run folder>`);
    if (format === undefined) throw new UsageError(`--format: which of ${exportFormats.join(', ')} is wanted?`);
    const read = folders.map((folder) => ({ folder, ...readRecords(folder) }));
    const { records: all, problems } = apart(read.flatMap((one) => one.records));
    const records = eachOnce(all);
    const places = read.flatMap((one) => one.problems.map((problem) => join(one.folder, problem)));
    for (const problem of [...places, ...problems]) output.stderr.write(`${visible(problem)}\n`);
    const to = out ?? join(first, 'export');
    if (reply.dryRun) {
      reply.result(`${records.length} records as ${format}, to ${visible(to)}`, { records: records.length, format, out: to });
      return Promise.resolve(0);
    }
    makeFolder(to);
    const files = exporters[format](to, records);
    reply.result(files.map(visible).join('\n'), { format, files });
    return Promise.resolve(0);
  });
}
