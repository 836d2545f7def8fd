export { answerBatch, choiceBatch, makeBatch, promptTensors, type Batch } from './batch.js';
export { dataSet, NoDataError, type FileSet, type Format } from './data/data-set.js';
// What the files of this folder are made of, for tasks of your own.
export { z } from 'zod';
export { anyText, className, classNumber, single, text, truth } from './data/fields.js';
export { heldOutBy } from './data/held-out.js';
export { readJson, readJsonl, readLines, readTsv, type Row } from './data/rows.js';
export { defineTask, type Items, type Located, type Prompt, type TaskDefinition } from './define.js';
export { demonstrate, drawDemonstrations, type Demonstrated } from './demonstrations.js';
export { encodeExample, newTokens, refuseTokensWithoutRow, type EncodedExample, type Limits, type Question } from './encode.js';
export { languageModelBatch, maskedLanguageModelBatch } from './language-model-batch.js';
export { tokenMasker, type MaskedText, type TokenMasker } from './masking.js';
export { exactMatch, tokenF1 } from './token-f1.js';
export { isTaskPath, type OwnPrompt } from './own.js';
export { dataFolder, modelKind, openTask, taskIds, taskNamed, taskOf, type OpenTask, type TaskChoice } from './registry.js';
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
export { askedMasked, MASK, type Example, type MaskedPrompt, type ModelKind, type Source, type Task, type Template } from './task.js';
