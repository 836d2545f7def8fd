import { bytesText, InputError, UsageError } from '../engine/index.js';
import { architectureOf, memoryBytes, modelConfig, streamsFrozen, weightBytes, type ModelConfig } from '../models/index.js';
import { resolveOptimizer, type Optimizer } from '../optimizers/index.js';
import type { CellSettings } from '../records/index.js';
import { schemeNamed, type Scheme } from '../schemes/index.js';
import type { JudgedItems } from './evaluation.js';
import { cellBytes, predictMemory, type Conditions, type Prediction } from './predict.js';

/** A row of a batch, in items of mean length: it is as long as the longest item, and others fill it. */
const LONGER = 1.25;
/** Of a short sentence in its prompt. */
export const USUAL_TOKENS = 64;

/** A cell without an optimizer is only judged. */
const takesNoStep: Optimizer = {
  id: 'none',
  order: 'zeroth',
  cost: { forwards: 0, backwards: 0 },
  defaults: { learningRate: 0 },
  stateArrays: 0,
  init: () => undefined,
  step: () => Promise.resolve({ loss: 0 }),
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
 * Predicts the peaks of cells' processes, for steps on items no shorter than usual and evaluations of items of mean length; cells that
 * differ in nothing that counts share a prediction.
 * @param memory - what the machine has, in bytes
 */
export function peakPredictor(memory = memoryBytes()): (settings: Sizes, items: JudgedItems) => Promise<Peak> {
  const known = new Map<string, Promise<Peak>>();
  return ({ model, scheme, optimizer, batchSize, accumulate, stream = 'auto' }, { prompt, candidates, answer, writes }) => {
    const sizes = { model, scheme, optimizer, batchSize, accumulate, stream };
    const [whole, others, right] = [prompt, candidates, answer].map(Math.ceil) as [number, number, number];
    const items = { prompt: whole, candidates: others, answer: right, writes };
    const key = JSON.stringify([sizes, items]);
    const peak = known.get(key) ?? predictPeak(sizes, items, memory);
    known.set(key, peak);
    return peak;
  };
}

async function predictPeak(sizes: Sizes, items: JudgedItems, memory: number): Promise<Peak> {
  const { model, scheme: name, optimizer: id, batchSize: batch, accumulate, stream = 'auto' } = sizes;
  const [config, scheme] = [await modelConfig(model), schemeNamed(name)];
  const { trainingFree } = scheme;
  const optimizer = trainingFree ? takesNoStep : await resolveOptimizer(id);
  const shots = trainingFree?.method === 'in-context' ? trainingFree.shots : 0;
  const answering = shots > 0 ? 'afterDemonstrations' : items.writes ? 'written' : 'chosen';
  const judged = { ...items, prompt: items.prompt + shots * (items.prompt + items.answer) };
  const usual = { accumulate, batch, tokens: Math.ceil(LONGER * (items.prompt + items.candidates)) };
  const predict = (streams: boolean): Promise<Prediction> => predictUsual(config, scheme, optimizer, usual, { streams, judged });
  try {
    const adaptation = scheme.adaptation(0);
    const weights = weightBytes(architectureOf(config.config, config.source, adaptation.hooks), adaptation);
    return peakOf(cellBytes(await predict(streamsFrozen(weights, stream, model, memory)), answering), model, memory);
  } catch (error) {
    if (!(error instanceof InputError || error instanceof UsageError)) throw error;
    return { bytes: cellBytes(await predict(false), answering), refusal: error.message };
  }
}

function peakOf(bytes: number, model: string, memory: number): Peak {
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
  conditions: Conditions = {},
): Promise<Prediction> {
  const { virtualTokens, dimensions } = architectureOf(config.config, config.source, scheme.adaptation(0).hooks);
  const sequence = virtualTokens.length + Math.min(dimensions.maxLength, tokens);
  return predictMemory(config, scheme, optimizer, { batch, accumulate, sequence, targets: 'last' }, conditions);
}
