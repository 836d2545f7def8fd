import { visible } from '../engine/visible.js';

// What a cell's process and its parent say to each other; imports nothing but types, for the worker's memory is measured.

/** What a cell says while it trains. */
export interface StepProgress {
  readonly step: number;
  readonly loss: number;
  /** Forward passes spent so far. */
  readonly forwards: number;
}

/** An evaluation on dev while it trains. */
export interface DevPoint {
  readonly step: number;
  readonly forwards: number;
  readonly accuracy: number;
}

/** What a worker sends to its parent; the parent sends one message, the cell's settings. */
export type WorkerMessage =
  | ({ readonly type: 'progress' } & StepProgress)
  | ({ readonly type: 'evaluated' } & DevPoint)
  | { readonly type: 'completed'; readonly body: unknown; readonly loggedSteps: unknown }
  | { readonly type: 'ended'; readonly state: 'diverged' | 'failed' | 'out-of-memory'; readonly reason: string };

/** What a worker says, as far as it is one of its messages: an optimizer of a user's own may send anything. */
export function readMessage(message: unknown): WorkerMessage | undefined {
  const { type, step, loss, forwards, accuracy, state, reason } = Object(message) as Record<string, unknown>;
  const areNumbers = (...values: readonly unknown[]): boolean => values.every((value) => typeof value === 'number');
  if (type === 'progress' && areNumbers(step, loss, forwards)) return message as WorkerMessage;
  if (type === 'evaluated' && areNumbers(step, forwards, accuracy)) return message as WorkerMessage;
  if (type === 'ended' && typeof reason === 'string' && ENDS.includes(String(state))) return message as WorkerMessage;
  return type === 'completed' ? (message as WorkerMessage) : undefined;
}

const ENDS: readonly string[] = ['diverged', 'failed', 'out-of-memory'];

const REASON_CHARACTERS = 300;

/** An argument as a shell takes it, in quotes where it has to be. */
export const shellQuoted = (part: string): string => (/^[\w.,:/=@%+-]+$/.test(part) ? part : `'${part.replaceAll("'", String.raw`'\''`)}'`);

/** The command that a program was given, to be given again; but for `--retry`, which belongs to one call alone. */
export const commandAgain = (program: string, argv: readonly string[]): string =>
  [program, ...argv.filter((part) => part !== '--retry').map(shellQuoted)].join(' ');

/** The first line of a message, cut to a readable length. */
export function oneLine(message: string): string {
  return visible((message.trim().split('\n')[0] ?? '').slice(0, REASON_CHARACTERS));
}
