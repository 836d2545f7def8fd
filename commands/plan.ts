import { bundledParts, runBench } from '../benchmarks/run/index.js';
import type { CommandHandler } from './command.js';

export const run: CommandHandler = (argv, output) =>
  runBench(['--plan', ...argv.filter((word) => word !== '--plan')], bundledParts(output));
