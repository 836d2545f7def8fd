export { runSpeed as run } from '../benchmarks/bench-step.js';
