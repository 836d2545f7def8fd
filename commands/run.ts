import { bundledParts } from '../benchmarks/bundled-parts.js';
import { runBench } from '../benchmarks/run.js';
import type { Run } from './command.js';

export const run: Run = (argv, output) => runBench(argv, bundledParts(output));
