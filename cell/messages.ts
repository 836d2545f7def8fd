// What a cell's process and its parent say to each other; imports nothing but types, for the worker's memory is measured.

import type { CellSettings } from '../records/index.js';

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
  readonly score: number;
}

/** What an earlier process of the cell had come to, where this one goes on from. */
export interface EarlierProgress {
  readonly seconds: number;
  readonly curve: readonly StepProgress[];
  readonly devCurve: readonly DevPoint[];
}

/** What a worker is told, in one message. */
export interface CellOrder {
  readonly settings: CellSettings;
  /** A folder for what the cell trains; null where that is not kept. */
  readonly saveTo: string | null;
}

/** What a worker sends to its parent. */
export type WorkerMessage =
  | ({ readonly type: 'resumed' } & EarlierProgress)
  | ({ readonly type: 'progress' } & StepProgress)
  | ({ readonly type: 'evaluated' } & DevPoint)
  | { readonly type: 'completed'; readonly body: unknown; readonly loggedSteps: unknown }
  | { readonly type: 'ended'; readonly state: 'diverged' | 'failed' | 'out-of-memory'; readonly reason: string };

/** What a worker says, as far as it is one of its messages: an optimizer of a user's own may send anything. */
export function readMessage(message: unknown): WorkerMessage | undefined {
  const { type, step, loss, forwards, score, state, reason, seconds, curve, devCurve } = Object(message) as Record<string, unknown>;
  const areNumbers = (...values: readonly unknown[]): boolean => values.every((value) => typeof value === 'number');
  if (type === 'progress' && areNumbers(step, loss, forwards)) return message as WorkerMessage;
  if (type === 'evaluated' && areNumbers(step, forwards, score)) return message as WorkerMessage;
  if (type === 'resumed' && areNumbers(seconds) && [curve, devCurve].every(Array.isArray)) return message as WorkerMessage;
  if (type === 'ended' && typeof reason === 'string' && ENDS.includes(String(state))) return message as WorkerMessage;
  return type === 'completed' ? (message as WorkerMessage) : undefined;
}

const ENDS: readonly string[] = ['diverged', 'failed', 'out-of-memory'];
