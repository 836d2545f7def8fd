import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { architectureOf, emptyModel } from '../../models/index.js';
import { writeSafetensors } from '../../models/safetensors.js';
import { corpusDocuments } from '../../scripts/corpus/documents.js';
import { newModels } from '../../scripts/new-models.js';
import { trainByteLevelBpe } from '../../scripts/tokenizer/byte-level.js';
import { fillRandomly, tinyConfigs } from './tiny-model.js';

const VOCABULARY = 400;
const DOCUMENTS = 200;

/** Writes an OPT of two layers with random weights, in Hugging Face layout, with a tokenizer of its own: reads SST-2, knows nothing. */
export function writeTinyCheckpoint(folder: string): void {
  mkdirSync(folder, { recursive: true });
  const config = { ...tinyConfigs.opt, vocab_size: VOCABULARY, max_position_embeddings: 96 };
  const { parameters } = emptyModel(architectureOf(config, 'config.json'), () => true);
  for (const { name, shape, pointer, count } of parameters.all) fillRandomly(parameters.heap.floats(pointer, count), name, shape);
  const tensors = parameters.all.map((parameter) => ({ name: parameter.name, shape: parameter.shape, data: parameters.values(parameter) }));
  writeSafetensors(join(folder, 'model.safetensors'), tensors, 'F32');
  const json = (name: string, content: unknown): void => writeFileSync(join(folder, name), JSON.stringify(content));
  json('config.json', config);
  json('tokenizer.json', trainByteLevelBpe(corpusDocuments({ count: DOCUMENTS }), VOCABULARY));
  json('tokenizer_config.json', newModels.opt.tokenizerConfig);
}
