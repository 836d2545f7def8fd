import { join } from 'node:path';
import { InputError, projectFolder, unknownName } from '../engine/index.js';
import type { LanguageModel } from '../models/index.js';
import { boolq } from './boolq.js';
import { cb } from './cb.js';
import { copa } from './copa.js';
import { mnli } from './mnli.js';
import { multirc } from './multirc.js';
import { drop } from './drop.js';
import { isOwnCode } from '../own-code/index.js';
import { loadOwnTask } from './own-code.js';
import { isTaskPath, ownTask, type OwnPrompt } from './own.js';
import { record } from './record.js';
import { rte } from './rte.js';
import { snli } from './snli.js';
import { squad } from './squad.js';
import { sst2 } from './sst2.js';
import { sst5 } from './sst5.js';
import type { ModelKind, Source, Task, Template } from './task.js';
import { trec } from './trec.js';
import { wic } from './wic.js';
import { winogrande } from './winogrande.js';
import { wsc } from './wsc.js';

const decoderTasks = [sst2, rte, cb, boolq, wsc, wic, multirc, copa, winogrande, record, squad, drop];
const registry: ReadonlyMap<string, Task> = new Map([...decoderTasks, sst5, snli, mnli, trec].map((task) => [task.id, task]));

export const taskIds: readonly string[] = [...registry.keys()];

/** @throws UsageError where there is none of that name. */
export function taskNamed(name: string): Task {
  const task = registry.get(name);
  if (!task) throw unknownName('task', name, taskIds);
  return task;
}

/** A task, where its data are and how it is asked, as a cell's settings say it. */
export interface TaskChoice extends Partial<OwnPrompt> {
  readonly task: string;
  readonly data: string;
  readonly template: Template;
}

/** A task and its items, as they come. */
export interface OpenTask {
  readonly task: Task;
  readonly source: Source;
}

/**
 * A task, by name or of the user's own, and its items for a kind of model. Throws as `taskOf` and `Task.load` do, and
 * InputError where there is nothing to train or test on.
 */
export async function openTask(choice: TaskChoice, kind: ModelKind): Promise<OpenTask> {
  const { task: name, data, template, prompt = null, candidates = null, label = null, testFile = null } = choice;
  const task = await taskOf(name, { prompt, candidates, label, testFile });
  const source = await task.load(dataFolder(data), { kind, template });
  for (const [part, name] of [
    ['test', 'test'],
    ['train', 'training'],
  ] as const) {
    if (source[part].length === 0) throw new InputError(`${source.files.join(', ')}: there is no ${name} item`);
  }
  return { task, source };
}

/** A task by name, of a file of the user's own code, or of one with items. Throws as `taskNamed`, `loadOwnTask` and `ownTask` do. */
export async function taskOf(name: string, prompt: OwnPrompt): Promise<Task> {
  if (isOwnCode(name)) return loadOwnTask(name, taskIds);
  return isTaskPath(name) ? ownTask(name, prompt) : taskNamed(name);
}

/** The folder that `--data` names: `bundled` is the generated data that come with zobench. */
export const dataFolder = (data: string): string => (data === 'bundled' ? join(projectFolder, 'tasks', 'bundled') : data);

/** A model that looks ahead predicts masks. */
export const modelKind = ({ architecture }: Pick<LanguageModel, 'architecture'>): ModelKind =>
  architecture.attends(-1) ? 'masked' : 'causal';
