import { z } from 'zod';
import { firstIssue, UsageError } from '../engine/index.js';
import { importOwnCode, ownCodeFile } from '../own-code/index.js';
import type { Task } from './task.js';

/** By file, as it was given: every look at the task's data asks for it. */
const loaded = new Map<string, Promise<Task>>();

/**
 * The task that a file of the user's own code exports: what `defineTask` gives.
 * @throws UsageError where the file is missing, cannot be loaded, exports no task, or one under a name of zobench's.
 */
export function loadOwnTask(name: string, taken: readonly string[]): Promise<Task> {
  const task = loaded.get(name) ?? taskIn(name, taken);
  loaded.set(name, task);
  return task;
}

const taskSchema = z.object({
  id: z.string('a name is needed').regex(/^[\w-]+$/, 'letters, digits, - and _ are needed'),
  version: z.int('a whole number is needed'),
  metric: z.enum(['accuracy', 'f1'], 'accuracy or f1 is needed'),
  training: z.enum(['choice', 'answer'], 'choice or answer is needed'),
  devSize: z.int('a whole number is needed').positive('a number above 0 is needed'),
  load: z.custom<Task['load']>((value) => typeof value === 'function', 'a function is needed'),
});

const isMeant = (value: unknown): boolean => typeof value === 'object' && value !== null && 'load' in value;

async function taskIn(name: string, taken: readonly string[]): Promise<Task> {
  const file = ownCodeFile(name);
  if (file !== name) throw new UsageError(`--task ${name}: a task has no options`);
  const meant = (await importOwnCode('task', file)).find(isMeant);
  if (meant === undefined) throw new UsageError(`${file} exports no task: what defineTask gives (see docs/extend-tasks.md)`);
  const { data: task, error } = taskSchema.safeParse(meant);
  if (!task) throw new UsageError(`${file}: ${firstIssue(error)} (see docs/extend-tasks.md)`);
  if (!taken.includes(task.id)) return task;
  throw new UsageError(`task file ${file}: its id ${task.id} is one of zobench's: give it another`);
}
