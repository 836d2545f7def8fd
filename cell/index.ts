export { hashCacheFolder } from './file-hash.js';
export { absentInputs, changedInputs, isUnrecorded, plannedInputs } from './inputs.js';
export type { CheckpointPlace } from './checkpoint.js';
export { loadedTokenizer, requiredTokenizer } from './loaded-tokenizer.js';
export { readMessage, type DevPoint, type CellOrder, type StepProgress, type WorkerMessage } from './messages.js';
export type { DataChoice } from './open-data.js';
export { plannedData, taskData, taskDataOrUsual, type ItemLengths, type PlannedData } from './task-data.js';
