import { bundledParts } from '../benchmarks/run/index.js';
import { runTune } from '../benchmarks/tune/index.js';
import type { Run } from './command.js';

export const run: Run = (argv, output) => runTune(argv, bundledParts(output));
