export { USUAL_TOKENS, peakPredictor, predictUsual, type Peak } from './cell-peak.js';
export type { JudgedItems } from './evaluation.js';
export { heldBytes, predictMemory, processBytes } from './predict.js';
export { batchesOf, takeStep, type BatchShape } from './step.js';
