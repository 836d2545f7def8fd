import { openWholeCheckpoint, type Checkpoint } from './checkpoint.js';
import { adaptersOn, modelFolder } from './locate.js';
import { mergeAdapter } from './merge.js';

/**
 * Reads what a model's folder says about its tensors, not yet the tensors. An adapter's are those of its base, with the adapter in them.
 * @throws InputError where the folder, config.json, the weights or a base are missing or broken.
 */
export function openCheckpoint(folder: string): Checkpoint {
  const { adapters, base } = adaptersOn(folder);
  return adapters.reduceRight(mergeAdapter, openWholeCheckpoint(adapters.length > 0 ? modelFolder(base) : folder));
}
