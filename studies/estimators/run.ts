import { join } from 'node:path';
import { makeFolder } from '../../engine/make-folder.js';
import { visible } from '../../engine/visible.js';
import { cpuBackend, UsageError } from '../../engine/index.js';
import { fetchModel, isBundledModel, loadModel, loadTokenizer, openCheckpoint, paddingId } from '../../models/index.js';
import { optimizerIds } from '../../optimizers/index.js';
import { estimatorTable, writeEstimatorCsv, writeEstimatorReport, type EstimatorStudy } from '../../reports/index.js';
import { encodeExample, makeBatch, modelKind, openTask, sampleSplits } from '../../tasks/index.js';
import { folderHash, downloadLines, triedScheme } from '../../benchmarks/plan/index.js';
import { Engines, noiseSeed, schemeSeed } from '../../training/index.js';
import { machineInfo, versionInfo } from '../../records/index.js';
import { withAll, runProgram, type Output } from '../../command-line/index.js';
import { writeJson } from '../../benchmarks/run/index.js';
import { commandLine, type DiagnoseOptions } from './arguments.js';
import { familiesOf } from './families.js';
import { measureEstimators, type Measured } from './study.js';
import type { EstimatorSubject } from './subject.js';

/** Does what the command line asks; returns the process's exit code. */
export function runDiagnose(argv: readonly string[], output: Output): Promise<number> {
  return runProgram(commandLine, argv, output, async (options, _, reply) => {
    const folder = options.out ?? join('results', `diagnose-${shortHash(options)}`);
    if (reply.dryRun) {
      const families = await familiesOf(withAll(options.optimizer, optimizerIds), options.queries);
      const names = families.flatMap(({ members }) => members.map(({ optimizer }) => optimizer.id));
      reply.result(`${names.join(', ')}: ${options.samples} steps of each to be measured, to ${visible(folder)}`, {
        optimizers: names,
        folder,
      });
      return 0;
    }
    const environment = { settings: options, machine: machineInfo(), versions: versionInfo('onnxruntime-node') };
    const study = await studyOf(
      options,
      (what) => reply.progress(what),
      (soFar) => writeStudy(folder, soFar, environment),
    );
    await writeEstimatorReport(folder, study);
    reply.result(`${estimatorTable(study)}\n${visible(folder)}`, { folder, ...study });
    return 0;
  });
}

/** What has been measured stays, whatever comes after. */
function writeStudy(folder: string, study: EstimatorStudy, environment: object): void {
  makeFolder(folder);
  writeJson(join(folder, 'environment.json'), { subject: study.subject, ...environment });
  writeEstimatorCsv(folder, study);
}

/** Of what decides the numbers. */
function shortHash(options: DiagnoseOptions): string {
  const settings = JSON.stringify({ ...options, threads: undefined, out: undefined });
  return folderHash(settings);
}

async function studyOf(
  options: DiagnoseOptions,
  say: (what: string) => void,
  keep: (soFar: EstimatorStudy) => void,
): Promise<EstimatorStudy> {
  const { samples, queries, epsilon: epsilons, model, task, data, batchSize, seed } = options;
  const scheme = (await triedScheme(options.scheme)).id;
  const families = await familiesOf(withAll(options.optimizer, optimizerIds), queries);
  const settings = { samples, epsilons, seed: noiseSeed(seed) };
  const provenance = { generatedData: data === 'bundled', bundledModel: isBundledModel(model) };
  const named = ({ loss, gradientNorm, dimensions, ...rows }: Measured): EstimatorStudy => {
    return { subject: { model, task, scheme, data, batchSize, seed, dimensions, loss, gradientNorm, ...provenance }, ...rows };
  };
  const measured = await measureEstimators(await subjectOf(options, say), families, settings, (what, soFar) => {
    keep(named(soFar));
    say(what);
  });
  return named(measured);
}

/** A model at its checkpoint's parameters and one batch of training items, which is also the training set of the optimizers that ask for it. */
async function subjectOf(options: DiagnoseOptions, say: (what: string) => void): Promise<EstimatorSubject> {
  const { model: name, scheme, batchSize, seed, threads } = options;
  const adaptation = (await triedScheme(scheme)).adaptation(schemeSeed(seed));
  const checkpoint = openCheckpoint(await fetchModel(name, downloadLines(say), [adaptation]));
  const tokenizer = loadTokenizer(checkpoint.folder);
  const model = await loadModel(checkpoint, adaptation);
  const { task, source } = await openTask({ ...options, template: 'aligned' }, modelKind(model));
  if (batchSize > source.train.length)
    throw new UsageError(`--batch-size ${batchSize}: the data has ${source.train.length} training items`);
  const { train } = sampleSplits(source, { trainSize: batchSize, devSize: 0, testSize: 0 }, seed);
  const examples = train.map((example) => encodeExample(tokenizer, example, model.architecture.dimensions));
  const batch = makeBatch[task.training](model, examples, paddingId(tokenizer, model));
  const engines = new Engines(cpuBackend(threads), model);
  return {
    parameters: model.parameters,
    context: (runSeed, settings) =>
      engines.context(batch, runSeed, 0, { ...settings, weightDecay: 0, steps: 1, trainingBatches: () => [batch] }),
    passes: () => ({ forwards: engines.forwards, backwards: engines.backwards }),
  };
}
