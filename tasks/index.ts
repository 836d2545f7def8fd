export { answerBatch, choiceBatch, makeBatch, promptTensors, type Batch } from './batch.js';
export { NoDataError } from './data/data-set.js';
export { demonstrate, drawDemonstrations, type Demonstrated } from './demonstrations.js';
export { encodeExample, newTokens, refuseTokensWithoutRow, type EncodedExample, type Limits, type Question } from './encode.js';
export { languageModelBatch, maskedLanguageModelBatch } from './language-model-batch.js';
export { tokenMasker, type MaskedText, type TokenMasker } from './masking.js';
export { exactMatch, tokenF1 } from './token-f1.js';
export { isTaskPath, type OwnPrompt } from './own.js';
export { dataFolder, modelKind, openTask, taskIds, taskNamed, type OpenTask, type TaskChoice } from './registry.js';
export {
  countItems,
  disjoint,
  sampleSplits,
  splitSizes,
  type AskedSizes,
  type Disjoint,
  type ItemCounts,
  type Sizes,
  type Splits,
} from './splits.js';
export { MASK, type Example, type ModelKind, type Source, type Task, type Template } from './task.js';
