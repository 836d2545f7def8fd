export { answerBatch, choiceBatch, makeBatch, type Batch } from './batch.js';
export { encodeExample, newTokens, type EncodedExample, type Question } from './encode.js';
export { languageModelBatch, maskedLanguageModelBatch } from './language-model-batch.js';
export { tokenMasker, type MaskedText, type TokenMasker } from './masking.js';
export { exactMatch, tokenF1 } from './token-f1.js';
export { isTaskPath, type OwnPrompt } from './own.js';
export { dataFolder, modelKind, openTask, taskIds, taskNamed, type TaskChoice } from './registry.js';
export { countItems, sampleSplits, splitSizes, type AskedSizes, type ItemCounts, type Sizes, type Splits } from './splits.js';
export { MASK, type Example, type ModelKind, type Prompting, type Source, type Task, type Template } from './task.js';
