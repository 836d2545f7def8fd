import { schemeNamed } from '../schemes/index.js';
import { disjoint, openTask, type Disjoint, type ModelKind, type Task, type TaskChoice } from '../tasks/index.js';

/** A task's data, and the scheme that uses them. */
export interface DataChoice extends TaskChoice {
  readonly scheme: string;
}

/** A task and its items, without those that a scheme may not use. */
export interface OpenData extends Disjoint {
  readonly task: Task;
}

/** Whether a scheme learns from training items, so that none of them may be a test item too. */
export const learns = (scheme: string): boolean => schemeNamed(scheme).trainingFree?.method !== 'zero-shot';

/** Throws as `openTask` does, and for a scheme that learns as `disjoint` does. */
export async function openData(choice: DataChoice, kind: ModelKind): Promise<OpenData> {
  const { task, source } = await openTask(choice, kind);
  return { task, ...(learns(choice.scheme) ? disjoint(source) : { source, overlap: 0 }) };
}
