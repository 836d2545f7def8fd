import { HERE } from '../../engine/index.js';
import { architectureOf, modelConfig, type ModelConfig } from '../../models/index.js';
import { resolveOptimizer, type Optimizer } from '../../optimizers/index.js';
import type { CellSettings } from '../../reports/index.js';
import { schemeNamed, type Scheme } from '../../schemes/index.js';
import { aboveRuntimeBytes, predictMemory, RUNTIME_BYTES } from './predict.js';

/** Of a short sentence in its prompt. */
export const USUAL_TOKENS = 64;

/** What a cell without an optimizer does over and over: a forward pass. */
const onlyLooks: Optimizer = {
  ...{ id: 'none', order: 'zeroth', cost: { forwards: 1, backwards: 0 }, defaults: { learningRate: 0 }, stateArrays: 0 },
  init: () => undefined,
  step: async ({ losses }) => ({ loss: (await losses(HERE))[0] ?? NaN }),
};

/** What decides a cell's memory. */
type Sizes = Pick<CellSettings, 'model' | 'scheme' | 'optimizer' | 'batchSize' | 'accumulate'>;

/** Predicts the peak of cells' processes, in bytes, for items of usual length; cells that differ in nothing that counts share a prediction. */
export function peakPredictor(): (settings: CellSettings) => Promise<number> {
  const known = new Map<string, Promise<number>>();
  return ({ model, scheme, optimizer, batchSize, accumulate }) => {
    const sizes = { model, scheme, optimizer, batchSize, accumulate };
    const key = JSON.stringify(sizes);
    const peak = known.get(key) ?? predictPeak(sizes);
    known.set(key, peak);
    return peak;
  };
}

async function predictPeak({ model, scheme: name, optimizer: id, batchSize, accumulate }: Sizes): Promise<number> {
  const [config, scheme] = [await modelConfig(model), schemeNamed(name)];
  const { trainingFree } = scheme;
  const optimizer = trainingFree ? onlyLooks : await resolveOptimizer(id);
  const texts = trainingFree?.method === 'in-context' ? 1 + trainingFree.shots : 1;
  return predictUsualPeak(config, scheme, optimizer, { batch: batchSize, accumulate, tokens: texts * USUAL_TOKENS });
}

interface UsualBatch {
  readonly batch: number;
  readonly accumulate: number;
  /** Of a text, as far as the model takes them. */
  readonly tokens: number;
}

/** The predicted peak of a process that trains classification, in bytes. */
export async function predictUsualPeak(
  config: ModelConfig,
  scheme: Scheme,
  optimizer: Optimizer,
  { batch, accumulate, tokens }: UsualBatch,
): Promise<number> {
  const { virtualTokens, dimensions } = architectureOf(config.config, config.source, scheme.adaptation(0).hooks);
  const sequence = virtualTokens.length + Math.min(dimensions.maxLength, tokens);
  const prediction = await predictMemory(config, scheme, optimizer, { batch, accumulate, sequence, targets: 'last' });
  return RUNTIME_BYTES + aboveRuntimeBytes(prediction);
}
