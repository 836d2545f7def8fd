export { runReplay } from './run.js';
