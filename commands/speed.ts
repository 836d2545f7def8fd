export { runSpeed as run } from '../studies/speed/index.js';
