import { z } from 'zod';
import { BACKENDS } from '../../engine/index.js';
import { OBJECTIVES, SCHEDULES, STREAMINGS, TEMPLATES } from '../../records/index.js';
import { type CommandLine, count, names, oneOf, positive, positiveFloat, text } from '../../command-line/index.js';

const NOT_NEGATIVE = 'a number of at least 0 is needed';
const SHARE = 'a share of the steps is needed, from 0 to below 1';

const SHARD = /^[1-9]\d{0,5}\/[1-9]\d{0,5}$/;
const SHARD_NEEDED = 'a part of how many is needed, such as 1/4';

const share = () => z.number(SHARE).min(0, SHARE).lt(1, SHARE);
const notNegative = () => z.number(NOT_NEGATIVE).min(0, NOT_NEGATIVE);

/** The command line's options, typed; an absent option takes its value from the grid or the task. */
export const optionsSchema = z
  .strictObject({
    grid: text().describe('a prepared set of runs; the options below override it. Without one, quick fills what is left open'),
    optimizer: names().describe('optimizers (zo-sgd), also with options (zo-sgd:q=4), or files of your own (./mine.ts)'),
    scheme: names().describe(
      'fine-tuning schemes (lora), also with options (lora:rank=4); or zero-shot, icl, linear-probing, which need no optimizer',
    ),
    task: names().describe('tasks, or files of your own with a JSON object per line (./mine.jsonl), asked as the next four say'),
    template: z
      .array(z.enum(TEMPLATES, `${TEMPLATES.join(', ')} or both are needed`))
      .describe(`prompts that ask in words or do not: ${TEMPLATES.join(', ')}; default: ${TEMPLATES[0]}`),
    model: names().describe('models, folders in Hugging Face layout, or ids on the hub (facebook/opt-125m), which are fetched'),
    prompt: text().describe("what your own task asks, fields in braces: '{text} It was', with <mask> for masked language models"),
    candidates: text().describe("its answers, separated by commas, with their spaces: ' terrible, great'"),
    label: text().describe(
      'its field with the right answer: a candidate (2 is "2", true is "yes"), else its number from 0, or false or true',
    ),
    testFile: text().describe('its test items; default: a fifth of its items'),
    data: text().describe("bundled (default) or a folder with the tasks' files"),
    seeds: count().describe('number of seeds: 3 means seeds 0, 1 and 2'),
    steps: count().describe('training steps: of first-order optimizers, and of all others too where --forwards is not given'),
    forwards: count().describe(
      'forward passes that zeroth-order and forward-mode optimizers may train with, whatever a step of theirs costs',
    ),
    learningRate: positiveFloat().describe('the largest of the run; default: by optimizer and scheme'),
    schedule: oneOf(SCHEDULES).describe(`how the learning rate goes down: ${SCHEDULES.join(', ')}; default: ${SCHEDULES[0]}`),
    warmup: share().describe('share of the steps over which the learning rate rises; default: 0'),
    weightDecay: notNegative().describe('share of the weights that is added to the gradient; default: 0'),
    epsilon: positiveFloat().describe('perturbation size, for the optimizers that have one'),
    objective: oneOf(OBJECTIVES).describe(
      `what training minimises: ${OBJECTIVES.join(', ')} (the last two negated); default: ${OBJECTIVES[0]}`,
    ),
    batchSize: count().describe('examples per step'),
    accumulate: count().describe('micro-batches that a step runs its examples in, to need less memory; default: 1'),
    trainSize: count().describe('training examples; default: 1,000, or what the data has'),
    devSize: count().describe('examples that choose the best step; default: by task, 100 to 500'),
    testSize: count().describe('examples that are reported on, at most'),
    perClass: count().describe('training examples of each class, and again so many to choose the best step, instead of the two sizes'),
    timeout: positive().describe('seconds a cell may take'),
    threads: count().describe('threads per cell; default: the cores shared among the jobs'),
    backend: oneOf(BACKENDS).describe(
      'what runs the models: cpu, webgpu, or TensorFlow.js as tfjs, tfjs:node-gpu, tfjs:node, tfjs:webgpu, tfjs:wasm; default: cpu',
    ),
    stream: oneOf(STREAMINGS).describe(
      `whether frozen weights are read from disk at each use: ${STREAMINGS.join(', ')}; default: where the model is too large`,
    ),
    jobs: count().describe('cells at the same time; default: 1'),
    shard: z
      .string()
      .regex(SHARD, SHARD_NEEDED)
      .describe('a part of the cells, such as 1/4: the first of four machines; their folders merge by `report --out`'),
    out: text().describe('folder of the run; default: results/<grid>-<hash of its cells>'),
    save: z.boolean().describe('keep what each cell trained, in models/<cell> of the run: a model, or an adapter in the format of PEFT'),
    plan: z.boolean().describe('list the cells with estimated time and memory; run nothing'),
    resume: z.boolean().describe('go on with everything the folder --out was started with'),
    retry: z.boolean().describe('run the cells again that did not complete'),
  })
  .partial();

export type Options = z.infer<typeof optionsSchema>;

/** What the program can be given is added where that is known. */
export const commandLine = {
  scriptName: 'npm run bench --',
  usage: 'Runs a grid of fine-tuning cells: optimizers x schemes x tasks x models x seeds.',
  operands: '[<grid.yaml>]',
  schema: optionsSchema,
  examples: [
    ['--grid smoke', 'try everything, in about a minute'],
    ['--grid quick --jobs 2 --plan', 'what the quick grid would cost'],
    ['--optimizer zo-sgd --scheme lora --model opt-mini --seeds 5', 'part of the quick grid, more seeds'],
    ['--optimizer zo-sgd:q=4 --objective accuracy --forwards 2000', 'four directions per step, on what has no derivative'],
    ["--task ./mine.jsonl --prompt '{text} It was' --candidates ' bad, great' --label label", 'your own task'],
    ['--optimizer ./my-optimizer.ts,zo-sgd --scheme full --steps 500', 'your own optimizer beside a built-in one'],
    ['my-grid.yaml --jobs 2', 'a run as a file: options under the same names, and parts of it under `runs`'],
    ['--resume --retry --out results/quick', 'go on, and try the failed cells again'],
  ],
  remark: 'Exit status: 0 fine, 1 some cells did not complete, 2 wrong usage, 130 interrupted.',
} satisfies CommandLine<(typeof optionsSchema)['shape']>;
