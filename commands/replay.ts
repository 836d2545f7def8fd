export { runReplay as run } from '../benchmarks/replay-run.js';
