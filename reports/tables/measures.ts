import { fixed, grouped, MIB, significant } from '../../engine/quantities.js';
import type { CompletedRecord } from '../../records/record.js';

/** A quantity of a record. */
export interface Measure {
  readonly of: (record: CompletedRecord) => number;
  readonly unit: '%' | 'MiB' | 'ms' | 'passes';
  readonly text: (value: number) => string;
}

/** Test accuracy in per cent, or mean F1 where the task's metric is that, of the parameters that did best on dev. */
export const accuracy: Measure = { of: ({ final }) => 100 * final.test.score, unit: '%', text: (value) => fixed(value, 1) };

/** The same before training. */
export const zeroShot: Measure = { ...accuracy, of: ({ zeroShot: before }) => 100 * before.test.score };

/** Peak resident set of the cell's process, evaluation included. */
export const peakMemory: Measure = { of: ({ memory }) => memory.peakBytes / MIB, unit: 'MiB', text: grouped };

/** The same without what the process takes before the model is loaded. */
export const memoryAboveRuntime: Measure = { ...peakMemory, of: ({ memory }) => memory.aboveRuntimeBytes / MIB };

/** Median time of a step; NaN where nothing is trained. */
export const stepTime: Measure = { of: ({ stepMs }) => stepMs?.median ?? NaN, unit: 'ms', text: (value) => significant(value, 3) };

/** Forward passes of a step; at times more than whole, where an optimizer spends some now and then. */
export const forwardsPerStep: Measure = {
  of: ({ forwards, settings }) => forwards / settings.steps,
  unit: 'passes',
  text: (value) => String(Number(fixed(value, 1))),
};
