export { runReport as run } from '../benchmarks/report-run.js';
