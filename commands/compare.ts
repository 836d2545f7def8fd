import { bundledParts } from '../benchmarks/run/index.js';
import { runCompare } from '../benchmarks/compare/index.js';
import { writeReport } from '../reports/index.js';
import type { CommandHandler } from './command.js';

export const run: CommandHandler = (argv, output) =>
  runCompare(argv, { ...bundledParts(output), report: async (folder) => (await writeReport(folder)).problems.join('\n') });
