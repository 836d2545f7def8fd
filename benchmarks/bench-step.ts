import { fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import yargs from 'yargs';
import { hideBin } from 'yargs/helpers';
import { InputError, UsageError, unknownName } from '../engine/index.js';
import { fetchModel } from '../models/index.js';
import { optimizerIds, resolveOptimizer } from '../optimizers/index.js';
import { STREAMINGS } from '../reports/index.js';
import { trainedSchemeIds, trainedSchemeNamed } from '../schemes/index.js';
import { downloadLines } from './downloads.js';
import { MEASURED_NODE_OPTIONS } from './node-options.js';
import { stepSizes } from './step-sizes.js';
import type { StepConfiguration } from './step-measure.js';

// Time and memory of single steps: every configuration in a fresh process, one JSON line each.

const worker = fileURLToPath(new URL('./step-worker.js', import.meta.url));

async function measure(configuration: StepConfiguration): Promise<Record<string, unknown>> {
  const child = fork(worker, { execArgv: [...process.execArgv, ...MEASURED_NODE_OPTIONS], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  child.send(configuration);
  return new Promise((resolve, reject) => {
    child.once('message', (message) => resolve(message as Record<string, unknown>));
    child.once('exit', (code) => reject(new Error(`the measuring process ended with ${code ?? 'a signal'}`)));
  });
}

function list(value: string, all: readonly string[]): readonly string[] {
  return value === 'all' ? all : value.split(',');
}

function printed(result: Record<string, unknown>, json: boolean): string {
  if (json) return JSON.stringify(result);
  const { size, optimizer, scheme, batch, seq, threads, step_ms: ms, peak_rss_mib: mib } = result;
  return `${String(size)} ${String(optimizer)} ${String(scheme)} ${String(batch)} x ${String(seq)}, ${String(threads)} threads: ${String(ms)} ms, ${String(mib)} MiB`;
}

const argv = await yargs(hideBin(process.argv))
  .scriptName('npm run bench:step --')
  .usage('$0: time and memory of an optimizer step, each configuration in a fresh process')
  .option('size', { type: 'string', default: 'tiny', describe: `comma list of ${Object.keys(stepSizes).join(', ')}, or all` })
  .option('optimizer', { type: 'string', default: 'zo-sgd', describe: 'comma list, or all' })
  .option('scheme', { type: 'string', default: 'full', describe: 'comma list, or all' })
  .option('batch', { type: 'number', default: 16 })
  .option('seq', { type: 'number', default: 64, describe: 'tokens per sequence' })
  .option('threads', { type: 'number', default: availableParallelism() })
  .option('steps', { type: 'number', default: 20 })
  .option('warmup', { type: 'number', default: 3 })
  .option('model', { type: 'string', describe: 'a model and real items of --task instead of --size' })
  .option('task', { type: 'string', describe: 'with --model', implies: 'model' })
  .option('data', { type: 'string', default: 'embedded', describe: 'with --task' })
  .option('stream', {
    choices: STREAMINGS,
    default: STREAMINGS[0],
    describe: 'with --model: whether frozen weights are read from disk at each use',
  })
  .option('plain', { type: 'boolean', default: false, describe: 'with --task: one sequence per candidate, logits everywhere' })
  .option('json', { type: 'boolean', default: false, describe: 'JSON lines' })
  .example('$0 --size tiny --optimizer all --threads 1 --json', 'every optimizer on the smallest shape')
  .example('$0 --model opt-mini --task sst2 --plain', "SST-2 the papers' way")
  .strict()
  .parse();

try {
  const sizes = argv.model === undefined ? list(argv.size, Object.keys(stepSizes)) : [''];
  for (const size of sizes) if (argv.model === undefined && !(size in stepSizes)) throw unknownName('size', size, Object.keys(stepSizes));
  const optimizers = list(argv.optimizer, optimizerIds);
  for (const optimizer of optimizers) await resolveOptimizer(optimizer);
  const schemes = list(argv.scheme, trainedSchemeIds).map((scheme) => trainedSchemeNamed(scheme).id);
  if (argv.model !== undefined) {
    const adaptations = schemes.map((scheme) => trainedSchemeNamed(scheme).adaptation(0));
    await fetchModel(argv.model, downloadLines(console.error), adaptations);
  }
  for (const size of sizes) {
    for (const scheme of schemes) {
      for (const optimizer of optimizers) {
        const result = await measure({ ...argv, size, scheme, optimizer, sequence: argv.seq });
        if ('error' in result) process.exitCode = 1;
        console.log('error' in result ? `${size} ${optimizer} ${scheme}: ${String(result.error)}` : printed(result, argv.json));
      }
    }
  }
} catch (error) {
  if (!(error instanceof UsageError || error instanceof InputError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}
