/** Axes and sizes of a set of runs; `'all'` stands for every built-in name of the axis. */
export interface Grid {
  readonly optimizers: readonly string[] | 'all';
  readonly schemes: readonly string[] | 'all';
  readonly tasks: readonly string[];
  readonly models: readonly string[];
  /** Number of seeds: n means seeds 0 to n - 1. */
  readonly seeds: number;
  readonly steps: number;
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
  models: ['opt-mini'],
  seeds: 1,
  steps: 20,
  firstOrderSteps: 20,
  evaluations: 2,
  trainSize: 64,
  devSize: 32,
  testSize: 64,
  timeoutSeconds: 60,
};

const quick: Grid = {
  optimizers: 'all',
  schemes: 'all',
  tasks: ['sst2'],
  models: ['opt-mini', 'llama-mini'],
  seeds: 3,
  steps: 1000,
  // First-order methods learn more per step: a fifth is enough for their curve to flatten.
  firstOrderSteps: 200,
  evaluations: 10,
  // The sizes of MeZO's experiments.
  trainSize: 1000,
  devSize: 500,
  testSize: 1000,
  timeoutSeconds: 3600,
};

/** The grids by the name the command line knows them by. */
export const grids: Readonly<Record<string, Grid>> = { smoke, quick };

/** Gives what the command line leaves open when it names no grid. */
export const defaultGrid: Grid = quick;
