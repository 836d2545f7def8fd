export { QUANTIZE_CONFIG, quantizedWeights, type QuantizedWeights } from './weights.js';
export { QUANTIZATION_FIELD, quantizationSettings, type QuantizationSettings } from './settings.js';
