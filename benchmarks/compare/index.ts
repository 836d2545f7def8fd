export { runCompare } from './run.js';
