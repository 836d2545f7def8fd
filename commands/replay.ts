export { runReplay as run } from '../studies/replay/index.js';
