export { runMemory as run } from '../studies/memory/index.js';
