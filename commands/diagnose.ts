export { runDiagnose as run } from '../studies/estimators/index.js';
