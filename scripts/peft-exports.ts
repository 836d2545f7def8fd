import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { projectFolder } from '../engine/index.js';
import { loadModel, openCheckpoint, saveModel, type LanguageModel } from '../models/index.js';
import { schemeNamed } from '../schemes/index.js';

/** Schemes on reference models, whose exports PEFT's own numbers are compared with. */
export const PEFT_CASES = [
  { model: 'opt', scheme: 'lora:rank=2' },
  { model: 'roberta', scheme: 'lora:rank=2:modules=dense' },
  { model: 'opt', scheme: 'prompt:length=3' },
  { model: 'opt-350m', scheme: 'prompt:length=3' },
  { model: 'llama', scheme: 'prompt:length=3' },
  { model: 'roberta', scheme: 'prompt:length=3' },
  { model: 'llama', scheme: 'prefix:length=3' },
  { model: 'llama-tied', scheme: 'prefix:length=4' },
  { model: 'vicuna', scheme: 'prefix:length=3:init=random' },
  { model: 'llama-tied', scheme: 'prefix:length=2:reparam' },
] as const;

export const folderOf = ({ model, scheme }: (typeof PEFT_CASES)[number]): string => `${model} ${scheme}`.replace(/[: =]/g, '-');

/** A reference model under a scheme, its parameters moved as if trained, saved to a folder. */
export async function exported({ model: name, scheme }: (typeof PEFT_CASES)[number], folder: string): Promise<LanguageModel> {
  const checkpoint = openCheckpoint(join(projectFolder, 'tests/models/fixtures/reference', name));
  const adaptation = schemeNamed(scheme).adaptation(2);
  const model = await loadModel(checkpoint, adaptation);
  model.parameters.move(9, 0.05);
  saveModel(folder, model, checkpoint, adaptation);
  return model;
}

// tsx scripts/peft-exports.ts <folder>: what scripts/peft-reference.py reads.
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const each of PEFT_CASES) await exported(each, join(process.argv[2] ?? 'peft-exports', folderOf(each)));
}
