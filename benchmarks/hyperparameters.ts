import { resolveOptimizer } from '../optimizers/index.js';
import type { CellSettings } from './record.js';

export interface TunedHyperparameters {
  readonly learningRate: number;
  /** null for an optimizer that takes no finite difference. */
  readonly epsilon: number | null;
  readonly batchSize: number;
}

/** ZO-Bench's and MeZO's batch size for decoders. */
const BATCH_SIZE = 16;

/** Learning rates by optimizer and scheme for models of about a million parameters, chosen on dev sets only. */
const MINI: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  'zo-sgd': { full: 1e-3, lora: 1e-2 },
  'forward-grad': { full: 1e-3, lora: 1e-2 },
  'fo-sgd': { full: 1e-1, lora: 1e-1 },
  'fo-adam': { full: 1e-3, lora: 1e-2 },
};

/** What a cell uses where the command line does not say. */
export async function defaultHyperparameters({
  optimizer,
  scheme,
}: Pick<CellSettings, 'model' | 'task' | 'scheme' | 'optimizer'>): Promise<TunedHyperparameters> {
  const { defaults } = await resolveOptimizer(optimizer);
  return {
    learningRate: MINI[optimizer]?.[scheme] ?? defaults.learningRate,
    epsilon: defaults.epsilon ?? null,
    batchSize: BATCH_SIZE,
  };
}
