import { bundledParts, runBench } from '../benchmarks/run/index.js';
import type { CommandHandler } from './command.js';

export const run: CommandHandler = (argv, output) => runBench(argv, bundledParts(output));
