import { fileURLToPath } from 'node:url';
import { InputError } from '../../engine/index.js';
import { measuredBy } from '../../processes/index.js';
import type { MeasuredRun, Measurement } from './measure.js';

const worker = fileURLToPath(new URL('./measure-worker.js', import.meta.url));

/** The run's peak, in a process of its own. @throws InputError with what kept it from running. */
export async function measuredInProcess(run: MeasuredRun, program = worker): Promise<Measurement> {
  try {
    return await measuredBy<Measurement>(program, run);
  } catch (error) {
    throw error instanceof InputError ? new InputError(`${run.model}, ${run.optimizer}: ${error.message}`) : error;
  }
}
