export { runDiagnose as run } from '../benchmarks/estimators/run.js';
