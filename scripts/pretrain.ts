import { join } from 'node:path';
import { z } from 'zod';
import { type CommandLine, count, positive, text, wholeNumber, runProgram } from '../command-line/index.js';
import { Engines } from '../training/index.js';
import { cpuBackend, unknownName, UsageError, writeFileWhole } from '../engine/index.js';
import { countParameters, bundledModelFolder, saveWeights } from '../models/index.js';
import { modelKind } from '../tasks/index.js';
import { corpusBatches } from './corpus-batches.js';
import { miniModels, type Training } from './mini-models.js';
import { modelCard } from './model-card.js';
import { modelTunedFurther, newModel } from './start-model.js';
import { trainOnBatches } from './train-on-batches.js';
import { zeroShot } from './zero-shot.js';

const known = Object.keys(miniModels);

const schema = z.strictObject({
  model: text()
    .optional()
    .describe(`one of ${known.join(', ')}`),
  from: text().optional().describe('model to tune further, of the same family; default: as the bundled model began'),
  steps: count().optional().describe('updates; default: as the bundled model was made, as for the next two'),
  documents: count().optional().describe('documents per update'),
  learningRate: positive().optional().describe('peak learning rate of Adam'),
  seed: wholeNumber(0).default(1).describe('of the weights, the corpus and the masks; default: 1'),
  threads: count().default(1).describe('default: 1'),
  out: text().optional().describe('folder to write; default: where the bundled model is'),
});

const commandLine: CommandLine<typeof schema.shape> = {
  scriptName: 'npm run pretrain --',
  usage: 'Trains a bundled mini model on generated texts.',
  schema,
  examples: [['--model opt-mini --seed 2 --out opt-mini-2', 'as the bundled model was made, from another seed']],
};

type Options = z.output<typeof schema>;

/** Trains a bundled model on generated texts with FO-Adam, from nothing but a seed or from another model, and writes its card. */
async function pretrain({ model: name, from, seed, threads, ...asked }: Options): Promise<number> {
  if (name === undefined) throw new UsageError(`--model: which one? There are ${known.join(', ')}`);
  const mini = known.includes(name) ? miniModels[name] : undefined;
  if (!mini) throw unknownName('model', name, known);
  const out = asked.out ?? bundledModelFolder(name);
  const training = trainingOf(asked, mini.training);
  const start = from ?? mini.start;
  const { model, tokenizer } = typeof start === 'string' ? await modelTunedFurther(start, out) : newModel(start, seed, out);
  const corpus = { texts: mini.documents(seed), salientWords: mini.salientWords ?? [] };
  const batches = corpusBatches(model, tokenizer, corpus, training.documents, seed);
  const loss = await trainOnBatches(new Engines(cpuBackend(threads), model), batches, training, seed, console.log);
  saveWeights(out, model, model.parameters.all, 'F16');
  const card = modelCard({
    name,
    training,
    seed,
    loss,
    corpus: mini.corpus,
    kind: modelKind(model),
    parameters: countParameters(model.architecture),
    from: typeof start === 'string' ? start : undefined,
    zeroShot: await zeroShot(out, threads),
  });
  writeFileWhole(join(out, 'README.md'), card);
  return 0;
}

const trainingOf = ({ steps, documents, learningRate }: Pick<Options, keyof Training>, usual: Training): Training => ({
  steps: steps ?? usual.steps,
  documents: documents ?? usual.documents,
  learningRate: learningRate ?? usual.learningRate,
});

// Native sessions keep the process alive.
process.exit(await runProgram(commandLine, process.argv.slice(2), process, pretrain));
