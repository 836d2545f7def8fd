import { availableParallelism } from 'node:os';
import { z } from 'zod';
import { bundledModelIds } from '../../models/index.js';
import { optimizerIds } from '../../optimizers/index.js';
import { trainedSchemeIds } from '../../schemes/index.js';
import { taskIds } from '../../tasks/index.js';
import { type CommandLine, count, names, text, wholeNumber } from '../../command-line/index.js';

const COUNTS = 'whole numbers of at least 1, separated by commas, are needed';
const POSITIVES = 'numbers above 0, separated by commas, are needed';

/** From where rounding is all to where curvature is. */
const EPSILONS = [1e-6, 3e-6, 1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1];

const schema = z.strictObject({
  optimizer: names()
    .default(['zo-sgd', 'forward-grad', 'fo-sgd'])
    .describe('optimizers, or files of your own (./mine.ts), or all; default: zo-sgd,forward-grad,fo-sgd'),
  model: text().default('opt-mini').describe('a model, a folder in Hugging Face layout, or an id on the hub; default: opt-mini'),
  task: text().default('sst2').describe('default: sst2'),
  scheme: text().default('full').describe('fine-tuning scheme; default: full'),
  data: text().default('bundled').describe("bundled (default) or a folder with the tasks' files"),
  batchSize: count().default(16).describe('examples of the batch; default: 16'),
  samples: wholeNumber(2).default(200).describe('steps that each optimizer is measured on; default: 200'),
  queries: z
    .array(z.int(COUNTS).min(1, COUNTS))
    .default([1, 2, 4, 8, 16])
    .describe('directions per step, for the optimizers that take q; default: 1,2,4,8,16'),
  epsilon: z.array(z.number(POSITIVES).positive(POSITIVES)).default(EPSILONS).describe('perturbation sizes; default: 11 from 1e-6 to 1e-1'),
  seed: wholeNumber(0).default(0).describe('of the batch and the directions; default: 0'),
  threads: count().default(availableParallelism()).describe('default: the cores'),
  out: text().optional().describe('folder; default: results/diagnose-<hash of the settings>'),
});

export type DiagnoseOptions = z.output<typeof schema>;

export const commandLine: CommandLine<typeof schema.shape> = {
  scriptName: 'npm run diagnose --',
  usage:
    "Compares each optimizer's step with the exact gradient: cosine, bias and variance against forward passes, errors against epsilon.",
  schema,
  examples: [
    ['--optimizer all --samples 50', 'every optimizer, roughly'],
    ['--optimizer zo-sgd,zo-sgd:noise=rademacher --queries 1,4,16,64', 'more directions per step'],
    ['--optimizer ./my-optimizer.ts --scheme lora', 'your own optimizer'],
  ],
  names: { Optimizers: optimizerIds, Schemes: trainedSchemeIds, Tasks: taskIds, Models: bundledModelIds },
  remark: 'Exit status: 0 fine, 1 the loss is not a number, 2 wrong usage.',
};
