import yargs from 'yargs';
import { z } from 'zod';
import { unknownName, UsageError } from '../engine/errors.js';

const NAMES = 'names separated by commas are needed';
const COUNT = 'a whole number of at least 1 is needed';
const POSITIVE = 'a number above 0 is needed';

const nameList = () => z.array(z.string().min(1, NAMES)).min(1, NAMES).optional();
const count = () => z.int(COUNT).min(1, COUNT).optional();
const positive = () => z.number(POSITIVE).positive(POSITIVE).optional();
const text = () => z.string().min(1, 'a value is needed').optional();
const flag = () => z.boolean().optional();

/** The command line's options, typed; an absent option takes its value from the grid or the task. */
export const optionsSchema = z.strictObject({
  grid: text(),
  optimizer: nameList(),
  scheme: nameList(),
  task: nameList(),
  model: nameList(),
  data: text(),
  seeds: count(),
  steps: count(),
  learningRate: positive(),
  epsilon: positive(),
  batchSize: count(),
  trainSize: count(),
  devSize: count(),
  testSize: count(),
  timeout: positive(),
  threads: count(),
  jobs: count(),
  out: text(),
  plan: flag(),
  resume: flag(),
  retry: flag(),
  help: flag(),
});

export type Options = z.infer<typeof optionsSchema>;

interface Described {
  readonly kind: 'names' | 'number' | 'text' | 'flag';
  readonly says: string;
}

const described: Record<keyof Options, Described> = {
  grid: { kind: 'text', says: 'a prepared set of runs; the options below override it. Without one, quick fills what is left open' },
  optimizer: { kind: 'names', says: 'optimizers, or files of your own (./mine.ts)' },
  scheme: { kind: 'names', says: 'fine-tuning schemes' },
  task: { kind: 'names', says: 'tasks' },
  model: { kind: 'names', says: 'models, or folders in Hugging Face layout' },
  data: { kind: 'text', says: "embedded (default) or a folder with the tasks' files" },
  seeds: { kind: 'number', says: 'number of seeds: 3 means seeds 0, 1 and 2' },
  steps: { kind: 'number', says: 'training steps, for every optimizer' },
  learningRate: { kind: 'number', says: 'default: by optimizer and scheme' },
  epsilon: { kind: 'number', says: 'perturbation size, for the optimizers that have one' },
  batchSize: { kind: 'number', says: 'examples per step' },
  trainSize: { kind: 'number', says: 'training examples' },
  devSize: { kind: 'number', says: 'examples that choose the best step' },
  testSize: { kind: 'number', says: 'examples that are reported on' },
  timeout: { kind: 'number', says: 'seconds a cell may take' },
  threads: { kind: 'number', says: 'threads per cell; default: the cores shared among the jobs' },
  jobs: { kind: 'number', says: 'cells at the same time; default: 1' },
  out: { kind: 'text', says: 'folder of the run; default: results/<grid>-<hash of its cells>' },
  plan: { kind: 'flag', says: 'list the cells with estimated time and memory; run nothing' },
  resume: { kind: 'flag', says: 'go on with everything the folder --out was started with' },
  retry: { kind: 'flag', says: 'run the cells again that did not complete' },
  help: { kind: 'flag', says: 'show this' },
};

const optionNames = optionsSchema.keyof().options;
const dashed = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

function parser(argv: readonly string[], names: Readonly<Record<string, readonly string[]>> = {}) {
  const cli = yargs([...argv])
    .scriptName('npm run bench --')
    .usage('Runs a grid of fine-tuning cells: optimizers x schemes x tasks x models x seeds.\n\nUsage: $0 [options]')
    .locale('en')
    .updateStrings({ string: 'value', boolean: 'flag' })
    .help(false)
    .version(false)
    .exitProcess(false)
    .wrap(110)
    .parserConfiguration({ 'camel-case-expansion': false, 'dot-notation': false, 'boolean-negation': false })
    .fail((message: string, error?: Error) => {
      throw new UsageError(message || (error?.message ?? 'wrong usage'));
    })
    .example('$0 --grid smoke', 'try everything, in under a minute')
    .example('$0 --grid quick --jobs 2 --plan', 'what the quick grid would cost')
    .example('$0 --optimizer zo-sgd --scheme lora --model opt-mini --seeds 5', 'part of the quick grid, more seeds')
    .example('$0 --optimizer ./my-optimizer.ts,zo-sgd --scheme full --steps 500', 'your own optimizer beside a built-in one')
    .example('$0 --resume --retry --out results/quick', 'go on, and try the failed cells again')
    .epilogue(
      Object.entries(names)
        .map(([kind, ids]) => `${kind}: ${ids.join(', ')}`)
        .join('\n'),
    )
    .epilogue('\nExit status: 0 fine, 1 some cells did not complete, 2 wrong usage, 130 interrupted.');
  for (const name of optionNames) {
    const { kind, says } = described[name];
    cli.option(dashed(name), { describe: says, type: kind === 'flag' ? 'boolean' : 'string', requiresArg: kind !== 'flag' });
  }
  return cli;
}

/** The text `--help` shows; `names` are listed at its end, by kind. */
export async function helpText(names: Readonly<Record<string, readonly string[]>>): Promise<string> {
  return parser([], names).getHelp();
}

/** @throws UsageError in one line for an unknown option or a value that cannot be. */
export function parseArguments(argv: readonly string[]): Options {
  const given: Record<string, unknown> = parser(argv).parseSync();
  refuseUnknown(given);
  const values = optionNames.flatMap((name) => {
    const value = given[dashed(name)];
    return value === undefined ? [] : [[name, typedValue(name, value)]];
  });
  return check(Object.fromEntries(values), given);
}

function refuseUnknown(given: Record<string, unknown>): void {
  if (Array.isArray(given._) && given._.length > 0) {
    throw new UsageError(`unexpected argument ${String(given._[0])}: options start with -- (see --help)`);
  }
  const known = optionNames.map(dashed);
  const unknown = Object.keys(given).find((name) => !['_', '$0', ...known].includes(name));
  if (unknown !== undefined) {
    const dashes = (name: string) => `--${name}`;
    throw unknownName('option', dashes(unknown), known.map(dashes));
  }
}

function typedValue(name: keyof Options, value: unknown): unknown {
  const { kind } = described[name];
  if (kind === 'names') {
    return [...new Set([value].flat().flatMap((part) => String(part).split(',')))].map((part) => part.trim());
  }
  if (Array.isArray(value)) throw new UsageError(`--${dashed(name)} is given ${value.length} times: give it once`);
  // Number('') is 0, which nobody means.
  if (kind === 'number') return String(value).trim() === '' ? NaN : Number(value);
  return value;
}

function check(values: unknown, given: Record<string, unknown>): Options {
  const result = optionsSchema.safeParse(values);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const name = dashed(String(issue?.path[0]));
  throw new UsageError(`--${name} ${String(given[name])}: ${issue?.message ?? 'wrong value'}`);
}
