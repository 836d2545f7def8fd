import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { isBundledModel } from '../../models/index.js';
import { resolveOptimizer, type Optimizer } from '../../optimizers/index.js';
import type { CellSettings } from '../../records/index.js';
import { schemeNamed } from '../../schemes/index.js';
import { modelSize } from './estimate.js';

export interface TunedHyperparameters {
  readonly learningRate: number;
  /** Whether it was searched; else it is the one that the optimizer declares. */
  readonly tuned: boolean;
  /** null for an optimizer that takes no finite difference. */
  readonly epsilon: number | null;
  readonly batchSize: number;
}

type Axes = Pick<CellSettings, 'model' | 'task' | 'scheme' | 'optimizer'>;

/** ZO-Bench's and MeZO's batch size for decoders. */
const BATCH_SIZE = 16;

/** Models of up to so many parameters take the rates of a bundled model: they are of its size. */
const MINI_PARAMETERS = 1e7;
const MINI_MODEL = 'opt-mini';

/** A bundled model whose rates others take before opt-mini's: they have its layers. */
const SAME_ARCHITECTURE: Readonly<Record<string, string>> = { 'vicuna-mini': 'llama-mini', 'mistral-mini': 'llama-mini' };

/** The task on which every optimizer was searched: others take its rates where they have none of their own. */
const SEARCHED_FOR_ALL = 'sst2';

/** What `npm run tune` writes. */
export const ratesSchema = z.array(
  z.object({ model: z.string(), task: z.string(), scheme: z.string(), optimizer: z.string(), learningRate: z.number() }),
);

/** Learning rates that `npm run tune` found best on dev: learning-rates.json, from the search in results/reference/learning-rates. */
const tunedRates = ratesSchema.parse(JSON.parse(readFileSync(new URL('../learning-rates.json', import.meta.url), 'utf8')));

/** What a cell uses where the command line does not say: the tuned learning rate, or the optimizer's own default. */
export async function defaultHyperparameters(
  cell: Axes,
  traitsOf: (optimizer: string) => Promise<Pick<Optimizer, 'defaults'>> = resolveOptimizer,
): Promise<TunedHyperparameters> {
  const { defaults } = await traitsOf(cell.optimizer);
  const known = await tunedRate(cell);
  return {
    learningRate: known ?? defaults.learningRate,
    tuned: known !== undefined,
    epsilon: defaults.epsilon === undefined ? null : (schemeNamed(cell.scheme).epsilon ?? defaults.epsilon),
    batchSize: BATCH_SIZE,
  };
}

async function tunedRate({ model, task, scheme, optimizer }: Axes): Promise<number | undefined> {
  const of = async (name: string, under: string, on: string) => {
    const rates = tunedRates.filter((rate) => rate.optimizer === name && rate.scheme === under && rate.task === on);
    const own = rates.find((rate) => rate.model === model) ?? rates.find((rate) => rate.model === SAME_ARCHITECTURE[model]);
    return own ?? ((await isMini(model)) ? rates.find((rate) => rate.model === MINI_MODEL) : undefined);
  };
  // A variant such as zo-sgd:q=4 takes what its optimizer has, and one such as lora:rank=4 what its scheme has.
  for (const on of [task, SEARCHED_FOR_ALL]) {
    for (const under of withoutOptions(scheme)) {
      for (const name of withoutOptions(optimizer)) {
        const rate = await of(name, under, on);
        if (rate) return rate.learningRate;
      }
    }
  }
  return undefined;
}

/** A name as it is, then its id alone. */
const withoutOptions = (name: string): readonly string[] => [name, name.split(':')[0] ?? ''];

async function isMini(model: string): Promise<boolean> {
  return isBundledModel(model) || (await modelSize(model, 'full')).parameters <= MINI_PARAMETERS;
}
