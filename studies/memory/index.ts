export { runMemory } from './run.js';
