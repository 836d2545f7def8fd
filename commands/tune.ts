import { bundledParts } from '../benchmarks/bundled-parts.js';
import { runTune } from '../benchmarks/tune-run.js';
import type { Run } from './command.js';

export const run: Run = (argv, output) => runTune(argv, bundledParts(output));
