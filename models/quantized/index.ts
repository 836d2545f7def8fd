export { QUANTIZE_CONFIG, quantizedWeights, type QuantizedWeights } from './weights.js';
export { QUANTIZATION_FIELD, quantizationSettings, type QuantizationSettings } from './settings.js';
export { sumVectors } from './codebooks.js';
export { fitCodebooks } from './fit-codebooks.js';
export { dequantize, type Bits, type PackedWeight } from './packed.js';
export { outputError, roundToNearest, roundWithHessian } from './round.js';
export { aqlmTensors, gptqTensors } from './write.js';
