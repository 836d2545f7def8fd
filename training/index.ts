export { AnswerWriter } from './answers.js';
export { Engines } from './engines.js';
export { BATCH_TOKENS, evaluate, evaluationBatches, judge, judgementOf, type Judgement } from './evaluate.js';
export { demonstrationSeed, noiseSeed, schemeSeed } from './run-seeds.js';
export {
  SEED_LOG_VERSION,
  SeedPlayer,
  SeedRecorder,
  loggedStepsSchema,
  otherVersion,
  parametersSha256,
  scalarsSchema,
  seedLogSchema,
  type LoggedSteps,
  type SeedLog,
} from './seed-log.js';
export { train, type EarlierSteps, type StepRules } from './train.js';
