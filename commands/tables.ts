export { runTables as run } from '../benchmarks/tables-run.js';
