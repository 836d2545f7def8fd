import { bundledParts } from '../benchmarks/bundled-parts.js';
import { runCompare } from '../benchmarks/compare/run.js';
import { writeReport } from '../reports/index.js';
import type { Run } from './command.js';

export const run: Run = (argv, output) =>
  runCompare(argv, { ...bundledParts(output), report: async (folder) => (await writeReport(folder)).problems.join('\n') });
