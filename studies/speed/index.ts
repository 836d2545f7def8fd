export { runSpeed } from './run.js';
