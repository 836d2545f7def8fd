import type { CellRecord, Inputs } from './record.js';

/** What a record says that its cell was made of; those of before `inputs` held the task's version have it elsewhere. */
export const recordedInputs = (record: CellRecord): Inputs =>
  record.state === 'completed' ? { taskVersion: record.taskVersion, ...record.inputs } : record.inputs;
