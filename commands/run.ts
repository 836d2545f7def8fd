import { bundledParts, runBench } from '../benchmarks/run/index.js';
import type { Run } from './command.js';

export const run: Run = (argv, output) => runBench(argv, bundledParts(output));
