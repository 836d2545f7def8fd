import { bundledParts, runBench } from '../benchmarks/run/index.js';
import type { Run } from './command.js';

export const run: Run = (argv, output) => runBench(['--plan', ...argv.filter((word) => word !== '--plan')], bundledParts(output));
