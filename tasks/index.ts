export { answerBatch, choiceBatch, languageModelBatch, makeBatch, type Batch } from './batch.js';
export { encodeExample, type EncodedExample } from './encode.js';
export { isTaskPath, type OwnPrompt } from './own.js';
export { dataFolder, modelKind, openTask, taskIds, taskNamed, type TaskChoice } from './registry.js';
export { countItems, sampleSplits, splitSizes, type AskedSizes, type ItemCounts, type Sizes, type Splits } from './splits.js';
export { MASK, type Example, type ModelKind, type Prompting, type Source, type Task, type Template } from './task.js';
