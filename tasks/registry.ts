import { join } from 'node:path';
import { projectFolder, unknownName } from '../engine/index.js';
import type { LanguageModel } from '../models/index.js';
import { sst2 } from './sst2.js';
import type { ModelKind, Source, Task, Template } from './task.js';

const registry: ReadonlyMap<string, Task> = new Map([sst2].map((task) => [task.id, task]));

export const taskIds: readonly string[] = [...registry.keys()];

/** @throws UsageError where there is none of that name. */
export function taskNamed(name: string): Task {
  const task = registry.get(name);
  if (!task) throw unknownName('task', name, taskIds);
  return task;
}

/** A task, where its data are and how it is asked, as a cell's settings say it. */
export interface TaskChoice {
  readonly task: string;
  readonly data: string;
  readonly template: Template;
}

/** A task and its items for a kind of model. Throws as `taskNamed` and `Task.load` do. */
export async function openTask({ task: name, data, template }: TaskChoice, kind: ModelKind): Promise<{ task: Task; source: Source }> {
  const task = taskNamed(name);
  return { task, source: await task.load(dataFolder(data), { kind, template }) };
}

/** The folder that `--data` names: `embedded` is the generated data that come with zobench. */
export const dataFolder = (data: string): string => (data === 'embedded' ? join(projectFolder, 'tasks', 'embedded') : data);

/** A model that looks ahead predicts masks. */
export const modelKind = ({ architecture }: Pick<LanguageModel, 'architecture'>): ModelKind =>
  architecture.attends(-1) ? 'masked' : 'causal';
