import { bundledParts } from '../benchmarks/run/index.js';
import { runTune } from '../benchmarks/tune/index.js';
import type { CommandHandler } from './command.js';

export const run: CommandHandler = (argv, output) => runTune(argv, bundledParts(output));
