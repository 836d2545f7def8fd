import { fork } from 'node:child_process';
import { InputError } from '../engine/index.js';
import { MEASURED_NODE_OPTIONS } from './node-options.js';

/** What a measuring process answers where it fails; anything else is its result. */
interface Failure {
  readonly error: string;
}

/**
 * Measures in a fresh process: `program` gets `run` and answers through {@link answerOnce}.
 * @throws InputError with what kept it from running.
 */
export function measuredBy<Result extends object>(program: string, run: object): Promise<Result> {
  const execArgv = [...process.execArgv, ...MEASURED_NODE_OPTIONS];
  const child = fork(program, { execArgv, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  // One that dies at once closes the channel under this message; its exit tells the rest.
  child.send(run, () => undefined);
  return new Promise((resolve, reject) => {
    child.once('message', (message: Result | Failure) => {
      if ('error' in message) reject(new InputError(message.error));
      else resolve(message);
    });
    child.once('error', (error) => reject(new InputError(`the measuring process did not start: ${error.message}`)));
    child.once('exit', (code, signal) => reject(new InputError(`the measuring process ended with ${code ?? signal ?? 'nothing'}`)));
  });
}
