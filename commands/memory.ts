export { runMemory as run } from '../benchmarks/memory/run.js';
