export { runReport as run } from '../benchmarks/run/index.js';
