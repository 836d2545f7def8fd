import { join } from 'node:path';
import { projectFolder, unknownName } from '../engine/index.js';
import { sst2 } from './sst2.js';
import type { Task } from './task.js';

export { choiceBatch, languageModelBatch, type Batch } from './batch.js';
export { encodeExample, type EncodedExample } from './encode.js';
export { sampleSplits, type Sizes, type Splits } from './splits.js';
export type { Example, Source, Task } from './task.js';

const registry: ReadonlyMap<string, Task> = new Map([sst2].map((task) => [task.id, task]));

export const taskIds: readonly string[] = [...registry.keys()];

/** @throws UsageError where there is none of that name. */
export function taskNamed(name: string): Task {
  const task = registry.get(name);
  if (!task) throw unknownName('task', name, taskIds);
  return task;
}

/** The folder that `--data` names: `embedded` is the generated data that come with zobench. */
export const dataFolder = (data: string): string => (data === 'embedded' ? join(projectFolder, 'tasks', 'embedded') : data);
