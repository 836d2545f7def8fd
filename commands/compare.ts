import { bundledParts, type Reported } from '../benchmarks/run/index.js';
import { runCompare } from '../benchmarks/compare/index.js';
import { writeReport } from '../reports/index.js';
import type { CommandHandler } from './command.js';

export const run: CommandHandler = (argv, output) => runCompare(argv, { ...bundledParts(output), report });

/** Written, but not printed: the comparison is. */
async function report(folder: string): Promise<Reported> {
  const { problems } = await writeReport(folder);
  return { text: problems.join('\n'), data: { folder, problems } };
}
