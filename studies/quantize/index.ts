export { runQuantize } from './run.js';
