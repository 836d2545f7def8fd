export { runDiagnose } from './run.js';
