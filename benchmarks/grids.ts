import { trainedSchemeIds } from '../schemes/index.js';
import type { Template } from '../tasks/index.js';

/** Axes and sizes of a set of runs; `'all'` stands for every built-in name of the axis. */
export interface Grid {
  readonly optimizers: readonly string[] | 'all';
  readonly schemes: readonly string[];
  readonly tasks: readonly string[];
  readonly templates: readonly Template[];
  readonly models: readonly string[];
  /** Number of seeds: n means seeds 0 to n - 1. */
  readonly seeds: number;
  /** Budget of training of the optimizers that do not backpropagate; it, not their steps, is what a comparison must hold equal. */
  readonly forwards: number;
  /** Steps of the optimizers that backpropagate. */
  readonly firstOrderSteps: number;
  /** Dev evaluations during training, evenly spaced. */
  readonly evaluations: number;
  readonly trainSize: number;
  readonly devSize: number;
  readonly testSize: number;
  readonly timeoutSeconds: number;
}

const smoke: Grid = {
  optimizers: 'all',
  schemes: ['full', 'lora'],
  tasks: ['sst2'],
  templates: ['aligned'],
  models: ['opt-mini'],
  seeds: 1,
  forwards: 20,
  firstOrderSteps: 10,
  evaluations: 2,
  trainSize: 32,
  devSize: 16,
  testSize: 32,
  timeoutSeconds: 60,
};

const quick: Grid = {
  optimizers: 'all',
  schemes: ['full', 'lora'],
  tasks: ['sst2'],
  templates: ['aligned'],
  models: ['opt-mini', 'llama-mini'],
  seeds: 3,
  forwards: 1000,
  // First-order methods learn more per step: a fifth is enough for their curve to flatten.
  firstOrderSteps: 200,
  evaluations: 5,
  // The sizes of MeZO's experiments.
  trainSize: 1000,
  devSize: 500,
  testSize: 1000,
  timeoutSeconds: 3600,
};

/** Every embedded task under every scheme, with one optimizer of each kind. */
const schemes: Grid = {
  ...quick,
  optimizers: ['zo-sgd', 'fo-adam'],
  schemes: ['full', 'lora', 'prefix', 'prompt', 'head', 'linear-probing', 'icl', 'zero-shot'],
  tasks: ['sst2', 'copa', 'winogrande', 'squad'],
  models: ['roberta-mini', 'opt-mini', 'llama-mini'],
  seeds: 1,
};

/** What `npm run tune` tries a learning rate with. */
const tuning: Grid = {
  ...quick,
  schemes: trainedSchemeIds,
  seeds: 1,
  forwards: 500,
  firstOrderSteps: 100,
  evaluations: 2,
  // Nothing is chosen on test, but a record has it.
  testSize: 1,
};

/** The grids by the name the command line knows them by. */
export const grids: Readonly<Record<string, Grid>> = { smoke, quick, schemes, tuning };

/** Gives what the command line leaves open when it names no grid. */
export const defaultGrid: Grid = quick;
