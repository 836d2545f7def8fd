import { z } from 'zod';
import { optionsSchema } from '../plan/index.js';
import { type CommandLine, count } from '../../command-line/index.js';

const NEEDED = 'optimizers separated by commas, or files of your own, are needed';

const contestants = () => z.array(z.string().min(1, NEEDED), NEEDED).min(1, NEEDED);

/** As of `bench`, but for what is chosen here: the optimizers and their learning rates. */
const shared = optionsSchema.omit({ optimizer: true, learningRate: true, resume: true, save: true, shard: true }).shape;
const schema = z.strictObject({
  candidate: contestants()
    .optional()
    .describe('optimizers in question: files of your own (./mine.ts), or names, also with options (zo-sgd:q=4)'),
  baseline: contestants().optional().describe('optimizers to compare each candidate with'),
  tune: count()
    .optional()
    .describe('learning rates to try for each optimizer and cell, on dev; without it known rates or the declared ones are used'),
  ...shared,
  out: shared.out.describe('folder of the comparison; default: results/compare-<hash of what is compared>'),
  plan: shared.plan.describe('list the cells with estimated time and memory, without the trials of --tune; run nothing'),
});

export type CompareOptions = z.output<typeof schema>;

export const commandLine = {
  scriptName: 'npm run compare --',
  usage:
    'Is my optimizer better? Runs candidates and baselines on the same cells and seeds, and compares them pair by pair.\nOf run folders, compares what has been run: the optimizers of the first with those of the others, or as --candidate and --baseline name them.',
  operands: '[<run folder> ...]',
  schema,
  examples: [
    ['--candidate ./mine.ts --baseline zo-sgd,zo-adam --tune 5', 'the same number of learning rates for each, then the runs'],
    [
      '--candidate zo-sgd:q=4 --baseline zo-sgd --scheme lora --model opt-mini --seeds 10',
      'an option, with seeds enough to show something',
    ],
    ['results/mine results/theirs', 'what two runs have in common'],
    ['results/quick-1a2b3c4d --candidate zo-adam --baseline zo-sgd', 'two optimizers of one run'],
  ],
  remark: 'The same command again goes on where it stopped.',
} satisfies CommandLine<(typeof schema)['shape']>;
