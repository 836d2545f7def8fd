export { runDoctor as run } from '../benchmarks/doctor.js';
