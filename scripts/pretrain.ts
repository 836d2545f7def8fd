import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import yargs from 'yargs';
import { hideBin } from 'yargs/helpers';
import { Engines } from '../benchmarks/engines.js';
import { cpuBackend, InputError, unknownName, UsageError } from '../engine/index.js';
import { countParameters, embeddedModelFolder, saveWeights } from '../models/index.js';
import { modelKind } from '../tasks/index.js';
import { corpusBatches } from './corpus-batches.js';
import { miniModels, type Training } from './mini-models.js';
import { modelCard } from './model-card.js';
import { modelTunedFurther, newModel } from './start-model.js';
import { trainOnBatches } from './train-on-batches.js';
import { zeroShot } from './zero-shot.js';

type Asked = { readonly [Setting in keyof Training]: number | undefined };

interface Options {
  readonly model: string;
  readonly from: string | undefined;
  readonly asked: Asked;
  readonly seed: number;
  readonly threads: number;
  readonly out: string;
}

/** Trains an embedded model on generated texts with FO-Adam, from nothing but a seed or from another model, and writes its card. */
async function pretrain({ model: name, from, asked, seed, threads, out }: Options): Promise<void> {
  const mini = miniModels[name];
  if (!mini) throw unknownName('model', name, Object.keys(miniModels));
  const training = trainingOf(asked, mini.training);
  const start = from ?? mini.start;
  const { model, tokenizer } = typeof start === 'string' ? await modelTunedFurther(start, out) : newModel(start, seed, out);
  const corpus = { texts: mini.documents(seed), salientWords: mini.salientWords ?? [] };
  const batches = corpusBatches(model, tokenizer, corpus, training.documents, seed);
  const loss = await trainOnBatches(new Engines(cpuBackend(threads), model), batches, training, seed, console.log);
  saveWeights(out, model, model.parameters.all, 'F16');
  const card = modelCard({
    ...{ name, training, seed, loss, corpus: mini.corpus, kind: modelKind(model), parameters: countParameters(model.architecture) },
    from: typeof start === 'string' ? start : undefined,
    zeroShot: await zeroShot(out, threads),
  });
  writeFileSync(join(out, 'README.md'), card);
}

/** @throws UsageError */
function trainingOf(asked: Asked, usual: Training): Training {
  const training = {
    steps: asked.steps ?? usual.steps,
    documents: asked.documents ?? usual.documents,
    learningRate: asked.learningRate ?? usual.learningRate,
  };
  for (const [name, value] of Object.entries(training)) {
    if (!(value > 0)) throw new UsageError(`--${name} is ${value}: give a number above 0`);
  }
  return training;
}

const argv = await yargs(hideBin(process.argv))
  .scriptName('npm run pretrain --')
  .usage('$0 --model <name>: trains an embedded mini model on generated texts')
  .option('model', { choices: Object.keys(miniModels), demandOption: true })
  .option('from', { type: 'string', describe: 'model to tune further, of the same family (default: as the embedded model began)' })
  .option('steps', { type: 'number', describe: 'updates (default: as the embedded model was made, as for the next two)' })
  .option('documents', { type: 'number', describe: 'documents per update' })
  .option('learning-rate', { type: 'number', describe: 'peak learning rate of Adam' })
  .option('seed', { type: 'number', default: 1, describe: 'of the weights, the corpus and the masks' })
  .option('threads', { type: 'number', default: 1 })
  .option('out', { type: 'string', describe: 'folder to write (default: where the embedded model is)' })
  .strict()
  .parse();

try {
  await pretrain({ ...argv, asked: argv, from: argv.from, out: argv.out ?? embeddedModelFolder(argv.model) });
  process.exit(0); // native sessions keep the process alive
} catch (error) {
  if (!(error instanceof UsageError || error instanceof InputError)) throw error;
  console.error(error.message);
  process.exit(2);
}
