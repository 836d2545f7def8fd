import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { InputError, UsageError, unknownName } from '../../engine/index.js';
import { fetchModel } from '../../models/index.js';
import { optimizerIds } from '../../optimizers/index.js';
import { isOwnCode } from '../../own-code/index.js';
import { STREAMINGS } from '../../records/index.js';
import { trainedSchemeIds, trainedSchemeNamed } from '../../schemes/index.js';
import { catalog, downloadLines, modelSize, sayWarnings, triedScheme } from '../../benchmarks/plan/index.js';
import {
  type CommandLine,
  count,
  flag,
  names,
  oneOf,
  text,
  wholeNumber,
  withAll,
  runProgram,
  type Output,
  type Reply,
} from '../../command-line/index.js';
import { measuredBy } from '../../processes/index.js';
import { stepSizes } from './sizes.js';
import type { StepConfiguration } from './measure.js';

// Time and memory of single steps: every configuration in a fresh process, one JSON line each.

const schema = z.strictObject({
  size: names()
    .default(['tiny'])
    .describe(`${Object.keys(stepSizes).join(', ')}, or all; default: tiny`),
  optimizer: names().default(['zo-sgd']).describe('optimizers, or files of your own, or all; default: zo-sgd'),
  scheme: names().default(['full']).describe('fine-tuning schemes, or all; default: full'),
  batch: count().default(16).describe('texts of a batch; default: 16'),
  seq: count().default(64).describe('tokens per sequence; default: 64'),
  threads: count().default(availableParallelism()).describe('default: the cores'),
  steps: count().default(20).describe('steps that are measured; default: 20'),
  warmup: wholeNumber(0).default(3).describe('steps before them; default: 3'),
  model: text().optional().describe('a model and real items of --task instead of --size'),
  task: text().optional().describe('with --model; default: sst2'),
  data: text().default('bundled').describe("with --task: bundled (default) or a folder with the tasks' files"),
  stream: oneOf(STREAMINGS)
    .default(STREAMINGS[0])
    .describe(`with --model: whether frozen weights are read from disk at each use: ${STREAMINGS.join(', ')}; default: ${STREAMINGS[0]}`),
  plain: flag().describe('with --model: one sequence per candidate, logits everywhere'),
});

const commandLine: CommandLine<typeof schema.shape> = {
  scriptName: 'npm run bench:step --',
  usage: 'Time and memory of an optimizer step, each configuration in a fresh process.',
  schema,
  examples: [
    ['--size tiny --optimizer all --threads 1 --json', 'every optimizer on the smallest shape'],
    ['--model opt-mini --task sst2 --plain', "SST-2 the papers' way"],
  ],
};

const worker = fileURLToPath(new URL('./worker.js', import.meta.url));

function printed(result: Readonly<Record<string, unknown>>): string {
  const { size, optimizer, scheme, batch, seq, threads, step_ms: ms, peak_rss_mib: mib } = result;
  return `${String(size)} ${String(optimizer)} ${String(scheme)} ${String(batch)} x ${String(seq)}, ${String(threads)} threads: ${String(ms)} ms, ${String(mib)} MiB`;
}

/** Every size, or the model instead, with every scheme and optimizer. @throws UsageError, InputError */
async function configurationsOf(
  options: z.output<typeof schema>,
  stderr: Output['stderr'],
  { progress, dryRun }: Reply,
): Promise<StepConfiguration[]> {
  const { model, task, seq: sequence } = options;
  if (task !== undefined && model === undefined) throw new UsageError(`--task ${task}: of which model? Give it with --model`);
  const known = Object.keys(stepSizes);
  const sizes = withAll(options.size, known);
  for (const size of sizes) if (!known.includes(size)) throw unknownName('size', size, known);
  const optimizers = withAll(options.optimizer, optimizerIds);
  for (const optimizer of optimizers) await catalog.resolveOptimizer(optimizer);
  const schemes: string[] = [];
  for (const scheme of withAll(options.scheme, trainedSchemeIds)) {
    const { id } = await triedScheme(scheme);
    schemes.push(isOwnCode(scheme) ? scheme : id);
  }
  if (model !== undefined && !dryRun) {
    const adaptations = schemes.map((scheme) => trainedSchemeNamed(scheme).adaptation(0));
    await fetchModel(model, downloadLines(progress), adaptations);
    sayWarnings((await modelSize(model, 'full')).warnings, stderr);
  }
  return (model === undefined ? sizes : ['']).flatMap((size) =>
    schemes.flatMap((scheme) => optimizers.map((optimizer) => ({ ...options, size, scheme, optimizer, sequence }))),
  );
}

/** Times every configuration that the command line asks for; returns the process's exit code, 1 where one could not be measured. */
export function runSpeed(argv: readonly string[], output: Output): Promise<number> {
  const { stderr } = output;
  return runProgram(commandLine, argv, output, async (options, _, reply) => {
    let exitCode = 0;
    for (const configuration of await configurationsOf(options, stderr, reply)) {
      const { size, optimizer, scheme } = configuration;
      if (reply.dryRun) {
        reply.result([size, optimizer, scheme].filter(Boolean).join(' '), configuration);
        continue;
      }
      try {
        const measured = await measuredBy(worker, configuration);
        reply.result(printed({ ...measured }), measured);
      } catch (error) {
        if (!(error instanceof InputError)) throw error;
        exitCode = 1;
        stderr.write(`${[size, optimizer, scheme].filter(Boolean).join(' ')}: ${error.message}\n`);
      }
    }
    return exitCode;
  });
}
