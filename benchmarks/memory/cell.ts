import { bytesText, HERE, InputError, UsageError } from '../../engine/index.js';
import { architectureOf, memoryBytes, modelConfig, streamsFrozen, weightBytes, type ModelConfig } from '../../models/index.js';
import { resolveOptimizer, type Optimizer } from '../../optimizers/index.js';
import type { CellSettings } from '../../reports/index.js';
import { schemeNamed, type Scheme } from '../../schemes/index.js';
import { BATCH_TOKENS } from '../evaluate.js';
import type { ItemLengths } from '../task-data.js';
import { predictMemory, processBytes, type Prediction } from './predict.js';

/** Of a short sentence in its prompt. */
export const USUAL_TOKENS = 64;

/** What a cell without an optimizer does over and over: a forward pass. */
const onlyLooks: Optimizer = {
  ...{ id: 'none', order: 'zeroth', cost: { forwards: 1, backwards: 0 }, defaults: { learningRate: 0 }, stateArrays: 0 },
  init: () => undefined,
  step: async ({ losses }) => ({ loss: (await losses(HERE))[0] ?? NaN }),
};

/** What decides a cell's memory. */
type Sizes = Pick<CellSettings, 'model' | 'scheme' | 'optimizer' | 'batchSize' | 'accumulate' | 'stream'>;

/** A predicted peak of a cell's process. */
export interface Peak {
  readonly bytes: number;
  /** Why the cell cannot run on this machine, if it cannot. */
  readonly refusal?: string;
}

/**
 * Predicts the peaks of cells' processes, for items no shorter than usual; cells that differ in nothing that counts share a prediction.
 * @param memory - what the machine has, in bytes
 */
export function peakPredictor(memory = memoryBytes()): (settings: Sizes, lengths: ItemLengths) => Promise<Peak> {
  const known = new Map<string, Promise<Peak>>();
  return ({ model, scheme, optimizer, batchSize, accumulate, stream = 'auto' }, { prompt, candidates }) => {
    const sizes = { model, scheme, optimizer, batchSize, accumulate, stream };
    const tokens = Math.max(USUAL_TOKENS, Math.ceil(prompt + candidates));
    const key = JSON.stringify([sizes, tokens]);
    const peak = known.get(key) ?? predictPeak(sizes, tokens, memory);
    known.set(key, peak);
    return peak;
  };
}

async function predictPeak(sizes: Sizes, tokens: number, memory: number): Promise<Peak> {
  const { model, scheme: name, optimizer: id, batchSize, accumulate, stream = 'auto' } = sizes;
  const [config, scheme] = [await modelConfig(model), schemeNamed(name)];
  const { trainingFree } = scheme;
  const optimizer = trainingFree ? onlyLooks : await resolveOptimizer(id);
  const texts = trainingFree?.method === 'in-context' ? 1 + trainingFree.shots : 1;
  const usual = { accumulate, batch: trainingFree ? Math.ceil(BATCH_TOKENS / tokens / texts) : batchSize, tokens: texts * tokens };
  const predict = (streams: boolean): Promise<Prediction> => predictUsual(config, scheme, optimizer, usual, streams);
  try {
    const adaptation = scheme.adaptation(0);
    const weights = weightBytes(architectureOf(config.config, config.source, adaptation.hooks), adaptation);
    return peakOf(await predict(streamsFrozen(weights, stream, model, memory)), model, memory);
  } catch (error) {
    if (!(error instanceof InputError || error instanceof UsageError)) throw error;
    return { bytes: processBytes(await predict(false)), refusal: error.message };
  }
}

function peakOf(prediction: Prediction, model: string, memory: number): Peak {
  const bytes = processBytes(prediction);
  if (bytes <= memory) return { bytes };
  return { bytes, refusal: `${model}: training it takes a process of ${bytesText(bytes)}, a run can hold ${bytesText(memory)}` };
}

interface UsualBatch {
  readonly batch: number;
  readonly accumulate: number;
  /** Of a text, as far as the model takes them. */
  readonly tokens: number;
}

/** What training classification is predicted to hold. @throws UsageError where what streams is to be backpropagated through. */
export async function predictUsual(
  config: ModelConfig,
  scheme: Scheme,
  optimizer: Optimizer,
  { batch, accumulate, tokens }: UsualBatch,
  streams = false,
): Promise<Prediction> {
  const { virtualTokens, dimensions } = architectureOf(config.config, config.source, scheme.adaptation(0).hooks);
  const sequence = virtualTokens.length + Math.min(dimensions.maxLength, tokens);
  return predictMemory(config, scheme, optimizer, { batch, accumulate, sequence, targets: 'last' }, 4, streams);
}
