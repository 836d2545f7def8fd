import { z } from 'zod';
import { type CommandLine, flag, names, oneOf, text, wholeNumber } from '../../command-line/index.js';

const RANGE = 'a whole number, some separated by commas, or a range such as 128..2048 is needed';
const DTYPES = ['float32', 'float16', 'bfloat16'] as const;
const TARGETS = ['all', 'last'] as const;

const DOWNWARDS = 'a range goes upwards: give the smaller number first';

const range = (by: string) =>
  z
    .string()
    .regex(/^[1-9]\d*(\.\.[1-9]\d*|(,[1-9]\d*)*)$/, RANGE)
    .refine((given) => !isDownwards(given), DOWNWARDS)
    .default(by)
    .transform(numbersIn);

const schema = z.strictObject({
  model: text().default('opt-mini').describe('a model, a folder with a config.json, or an id on the hub; default: opt-mini'),
  optimizer: names()
    .default(['fo-sgd', 'fo-adam', 'forward-grad', 'zo-sgd', 'zo-adam'])
    .describe('optimizers, or files of your own, or all; default: two first-order ones, forward-grad and two of ZO'),
  scheme: text().default('full').describe('fine-tuning scheme; default: full'),
  sequence: range('32..256').describe(
    'tokens of each text: 64, 64,100 or 32..256, which doubles; at the first batch size; default: 32..256',
  ),
  batch: range('1..32').describe('texts of a batch, likewise; at the first length; default: 1..32'),
  targets: oneOf(TARGETS)
    .default('all')
    .describe('tokens that are predicted: all (default), as in language modelling, or last, as in classification'),
  dtype: oneOf(DTYPES)
    .default('float32')
    .describe('of every number held: float32 (default), as this engine computes, or float16 or bfloat16, as papers do'),
  measure: wholeNumber(0)
    .default(0)
    .describe('also measure, so many times, each in a process of its own; for a model that is on this machine'),
  published: flag().describe("the papers' figures of all models, not of this one alone"),
  out: text().optional().describe('folder; default: results/memory-<model>-<scheme>-<dtype>'),
});

export type MemoryOptions = z.output<typeof schema>;

export const commandLine: CommandLine<typeof schema.shape> = {
  scriptName: 'npm run memory --',
  usage: 'Predicts the memory of fine-tuning from the shapes in config.json alone, against sequence length and batch size.',
  schema,
  examples: [
    ['--model opt-13b --sequence 128..2048 --batch 2 --dtype float16', "ZO-Bench's figure, at any scale"],
    ['--model opt-mini --optimizer all --measure 3', 'what this machine really takes beside it'],
    ['--model opt-13b --published', 'beside the figures of the papers'],
  ],
  remark: 'Exit status: 0 fine, 2 wrong usage.',
};

function isDownwards(given: string): boolean {
  const [from = 0, to = Infinity] = given.split('..').map(Number);
  return to < from;
}

/** `a..b` is a, 2 a, 4 a and so on, and b. */
function numbersIn(given: string): number[] {
  const [from, to] = given.split('..').map(Number);
  if (from === undefined || to === undefined) return [...new Set(given.split(',').map(Number))].sort((a, b) => a - b);
  const numbers: number[] = [];
  for (let n = from; n < to; n *= 2) numbers.push(n);
  return [...numbers, to];
}
