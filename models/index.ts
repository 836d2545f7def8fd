export type { Checkpoint } from './checkpoint.js';
export { Decoder } from './decoder.js';
export type { Architecture, AttentionLayer, Dimensions, Hooks, Seen } from './family.js';
export { generateGreedily, type Limits } from './generate.js';
export type { ReportDownload } from './hub.js';
export { cachedModelIds, hubCacheFolder } from './hub-cache.js';
export { readJsonObject } from './json.js';
export { countedTokens, HIDDEN } from './layers.js';
export {
  checkpointFiles,
  bundledModelFolder,
  bundledModelIds,
  fetchModel,
  hasWeights,
  isBundledModel,
  modelConfig,
  modelFolder,
  wholeModelHere,
  type ModelConfig,
} from './locate.js';
export {
  architectureOf,
  countParameters,
  emptyModel,
  loadModel,
  parametersOf,
  requireWholeCheckpoint,
  unadapted,
  weightBytes,
  type Adaptation,
  type LanguageModel,
  type LoadedModel,
} from './model.js';
export { logitsStage, type Objective } from './objectives.js';
export { openCheckpoint } from './open.js';
export {
  aqlmTensors,
  dequantize,
  fitCodebooks,
  gptqTensors,
  outputError,
  QUANTIZATION_FIELD,
  QUANTIZE_CONFIG,
  roundToNearest,
  roundWithHessian,
  sumVectors,
  type Bits,
} from './quantized/index.js';
export { knownModels } from './registry.js';
export { writeSafetensors, type RawTensor, type TensorData } from './safetensors.js';
export { copyCompanions, knownAs, requireSavable, saveModel, saveWeights } from './save.js';
export { memoryBytes, streamsFrozen, type Streaming } from './streaming.js';
export { loadTokenizer, paddingId } from './tokenizer.js';
export { type Tokenizer } from './tokenizer-interface.js';
export { embedVirtual } from './virtual-tokens.js';
