import { join } from 'node:path';
import { makeFolder } from '../engine/make-folder.js';
import { copyWhole, noiseKey, standardNormal, writeFileWhole } from '../engine/index.js';
import {
  architectureOf,
  emptyModel,
  loadModel,
  loadTokenizer,
  modelFolder,
  openCheckpoint,
  unadapted,
  type LanguageModel,
  type Tokenizer,
} from '../models/index.js';
import { corpusDocuments } from './corpus/documents.js';
import { VOCABULARY_SIZE, type NewModel } from './new-models.js';

/** Documents the tokenizer is trained on, and that start the corpus of the model too. */
const TOKENIZER_DOCUMENTS = 20_000;

export interface Started {
  readonly model: LanguageModel;
  readonly tokenizer: Tokenizer;
}

/** A model of random weights and the tokenizer that is trained for it; writes all but the weights to `folder`. */
export function newModel({ config, tokenizerConfig, trainTokenizer }: NewModel, seed: number, folder: string): Started {
  const tokenizer = trainTokenizer(corpusDocuments({ seed, count: TOKENIZER_DOCUMENTS }), VOCABULARY_SIZE);
  makeFolder(folder);
  writeFileWhole(join(folder, 'tokenizer.json'), `${JSON.stringify(tokenizer, null, 1)}\n`);
  writeFileWhole(join(folder, 'tokenizer_config.json'), `${JSON.stringify(tokenizerConfig, null, 2)}\n`);
  writeFileWhole(join(folder, 'config.json'), `${JSON.stringify(config, null, 2)}\n`);
  const model = emptyModel(architectureOf(config, 'config.json'), () => true);
  initialise(model, Number(config.initializer_range ?? config.init_std), seed); // OPT's name for it is the other
  return { model, tokenizer: loadTokenizer(folder) };
}

/** Another model, to be tuned further; copies its files but for the weights to `folder`. @throws UsageError, InputError */
export async function modelTunedFurther(name: string, folder: string): Promise<Started> {
  const checkpoint = openCheckpoint(modelFolder(name));
  makeFolder(folder);
  for (const file of ['config.json', 'tokenizer.json', 'tokenizer_config.json'])
    copyWhole(join(checkpoint.folder, file), join(folder, file));
  return { model: await loadModel(checkpoint, unadapted), tokenizer: loadTokenizer(folder) };
}

/** Weights normal, biases zero, gains one. */
function initialise({ parameters }: LanguageModel, deviation: number, seed: number): void {
  for (const parameter of parameters.all) {
    const values = parameters.values(parameter);
    const key = noiseKey(seed, parameter.name);
    if (parameter.shape.length === 2) values.forEach((_, i) => (values[i] = deviation * standardNormal(key, i)));
    else values.fill(parameter.name.endsWith('.bias') ? 0 : 1);
  }
}
