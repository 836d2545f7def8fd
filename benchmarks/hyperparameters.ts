import { resolveOptimizer } from '../optimizers/index.js';
import type { CellSettings } from '../reports/index.js';

export interface TunedHyperparameters {
  readonly learningRate: number;
  /** null for an optimizer that takes no finite difference. */
  readonly epsilon: number | null;
  readonly batchSize: number;
}

/** ZO-Bench's and MeZO's batch size for decoders. */
const BATCH_SIZE = 16;

/**
 * Learning rates by optimizer and scheme for models of about a million parameters: the best dev accuracy after 300 (first
 * order: 100) steps on opt-mini and llama-mini, seed 0, where both agree within noise (results/reference/learning-rates).
 * Forward-Grad takes ZO-SGD's, of which it is the limit.
 */
const MINI: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  'zo-sgd': { full: 1e-4, lora: 3e-3 },
  'forward-grad': { full: 1e-4, lora: 3e-3 },
  'fo-sgd': { full: 1e-2, lora: 1e-1 },
  'fo-adam': { full: 3e-4, lora: 3e-3 },
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
