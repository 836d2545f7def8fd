export { runQuantize as run } from '../studies/quantize/index.js';
