import { trainedSchemeIds } from '../../schemes/index.js';
import type { Template } from '../../tasks/index.js';

/** Axes and sizes of a set of runs; `'all'` stands for every built-in name of the axis. */
export interface Grid {
  readonly optimizers: readonly string[] | 'all';
  readonly schemes: readonly string[];
  readonly tasks: readonly string[];
  readonly templates: readonly Template[];
  readonly models: readonly string[];
  /** Number of seeds: n means seeds 0 to n - 1. */
  readonly seeds: number;
  /** Budget of training of all optimizers that are not first-order; it, not their steps, is what a comparison must hold equal. */
  readonly forwards: number;
  /** Steps of the first-order optimizers. */
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

/** Every bundled task under every scheme, with one optimizer of each kind. */
const schemes: Grid = {
  ...quick,
  optimizers: ['zo-sgd', 'fo-adam'],
  schemes: ['full', 'lora', 'prefix', 'prompt', 'head', 'linear-probing', 'icl', 'zero-shot'],
  tasks: ['sst2', 'copa', 'winogrande', 'squad'],
  models: ['roberta-mini', 'opt-mini', 'llama-mini'],
  seeds: 1,
  // Fewer than quick's: writing SQuAD's answers takes longer than training.
  evaluations: 3,
  devSize: 200,
};

/** ZO-Bench's optimizers and its first-order baselines. */
const ZO_BENCH = ['fo-sgd', 'fo-adam', 'forward-grad', 'zo-sgd', 'zo-sgd-sign', 'zo-sgd-mmt', 'zo-sgd-cons', 'zo-adam'];
const TRAINED = ['full', 'lora', 'prefix', 'prompt'];
const HARDER_TASKS = ['copa', 'winogrande'];

/** ZO-Bench's matrix on the bundled models and data. */
const matrix: Grid = {
  ...quick,
  optimizers: ZO_BENCH,
  schemes: TRAINED,
  tasks: ['sst2', ...HARDER_TASKS],
  models: ['roberta-mini', 'opt-mini', 'llama-mini', 'vicuna-mini', 'mistral-mini'],
  // What ends within 90 minutes on two cores, with room.
  forwards: 300,
  firstOrderSteps: 100,
  evaluations: 2,
  devSize: 200,
  testSize: 500,
};

/** ZO-Bench's further studies, on part of its matrix: block-wise and hybrid methods, sparse estimates, the query budget. */
const studies: Grid = {
  ...matrix,
  optimizers: [
    'zo-sgd-block',
    ...[1, 2, 3].map((blocks) => `zo-fo-sgd:k=${blocks}`),
    ...[0.25, 0.5, 0.75].map((share) => `zo-sgd:sparsity=${share}`),
    ...['zo-sgd', 'forward-grad'].flatMap((optimizer) => [4, 16].map((directions) => `${optimizer}:q=${directions}`)),
  ],
  schemes: ['full'],
  tasks: ['sst2', 'copa'],
  models: ['opt-mini', 'llama-mini'],
};

/** Its study of task alignment; the matrix has the aligned half. */
const alignment: Grid = {
  ...studies,
  optimizers: ['fo-sgd', 'zo-sgd', 'zo-adam'],
  schemes: ['full', 'lora'],
  templates: ['plain'],
  models: ['roberta-mini', ...studies.models],
};

/** What ZO-Bench ran: 20,000 steps of two passes, 625 first-order steps (its files' five epochs of 125 batches), dev every 500 steps. */
const zoBench: Grid = {
  ...matrix,
  seeds: 1,
  forwards: 40_000,
  firstOrderSteps: 625,
  evaluations: 40,
  devSize: quick.devSize,
  testSize: quick.testSize,
  timeoutSeconds: 7 * 24 * 3600,
};

/** The papers' matrices, in parts: ZO-Bench's Table 2, Figure 1 and Table 3, and MeZO's Table 1. */
const paper: readonly Grid[] = [
  { ...zoBench, tasks: ['sst2'], models: ['FacebookAI/roberta-large', 'facebook/opt-1.3b'] },
  { ...zoBench, tasks: HARDER_TASKS, models: ['facebook/opt-13b'] },
  {
    ...zoBench,
    optimizers: ['fo-sgd', 'forward-grad', 'zo-sgd', 'zo-sgd-cons'],
    schemes: ['lora'],
    tasks: HARDER_TASKS,
    models: ['meta-llama/Llama-2-7b-hf', 'lmsys/vicuna-7b-v1.5', 'mistralai/Mistral-7B-v0.1'],
  },
  {
    ...zoBench,
    optimizers: ['zo-sgd', 'fo-adam'],
    schemes: ['zero-shot', 'icl', 'linear-probing', 'full', 'lora', 'prefix'],
    tasks: ['sst2', 'rte', 'cb', 'boolq', 'wsc', 'wic', 'multirc', 'copa', 'record', 'squad', 'drop'],
    models: ['facebook/opt-13b'],
    evaluations: 5,
  },
];

/** What `npm run tune` tries a learning rate with. */
const tuning: Grid = {
  ...quick,
  schemes: trainedSchemeIds,
  seeds: 1,
  forwards: 400,
  firstOrderSteps: 100,
  evaluations: 2,
  // Nothing is chosen on test, but a record has it.
  testSize: 1,
};

/** The grids by the name the command line knows them by, each in parts that are run together. */
export const grids: Readonly<Record<string, readonly Grid[]>> = {
  smoke: [smoke],
  quick: [quick],
  schemes: [schemes],
  full: [matrix, studies, alignment],
  paper,
  tuning: [tuning],
};

/** Gives what the command line leaves open when it names no grid. */
export const defaultGrid: readonly Grid[] = [quick];
