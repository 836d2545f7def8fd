import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { InputError } from '../../engine/index.js';
import { MEASURED_NODE_OPTIONS } from '../node-options.js';
import type { MeasuredRun, Measurement } from './measure.js';

const worker = fileURLToPath(new URL('./measure-worker.js', import.meta.url));

/** The run's peak, in a process of its own. @throws InputError with what kept it from running. */
export function measuredInProcess(run: MeasuredRun, program = worker): Promise<Measurement> {
  const child = fork(program, { execArgv: [...MEASURED_NODE_OPTIONS], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  child.send(run);
  return new Promise((resolve, reject) => {
    child.once('message', (message: Measurement | { readonly error: string }) => {
      if ('error' in message) reject(new InputError(`${run.model}, ${run.optimizer}: ${message.error}`));
      else resolve(message);
    });
    child.once('exit', (code) =>
      reject(new InputError(`${run.model}, ${run.optimizer}: the measuring process ended with ${code ?? 'a signal'}`)),
    );
  });
}
