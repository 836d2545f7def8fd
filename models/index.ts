import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { projectFolder, unknownName } from '../engine/index.js';

export { openCheckpoint, type Checkpoint } from './checkpoint.js';
export type { Adapt, Architecture, LinearLayer } from './family.js';
export { architectureOf, emptyModel, loadModel, unadapted, type Adaptation, type LanguageModel } from './model.js';
export { logitsStage, type Objective } from './objectives.js';
export { loadTokenizer, type Tokenizer } from './tokenizer.js';

/** The mini models that come with zobench. */
export const embeddedModelIds: readonly string[] = ['opt-mini', 'llama-mini'];

export const isEmbeddedModel = (name: string): boolean => embeddedModelIds.includes(name);

/** Where an embedded model's files are. */
export const embeddedModelFolder = (id: string): string => join(projectFolder, 'models', 'embedded', id);

/**
 * The folder of a model: an embedded one by name, any other by its path.
 * @throws UsageError where there is neither.
 */
export function modelFolder(nameOrFolder: string): string {
  if (isEmbeddedModel(nameOrFolder)) return embeddedModelFolder(nameOrFolder);
  if (existsSync(nameOrFolder) && statSync(nameOrFolder).isDirectory()) return nameOrFolder;
  throw unknownName('model', nameOrFolder, [...embeddedModelIds, '<folder>']);
}
