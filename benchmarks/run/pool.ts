import { type Cell, located } from '../plan/index.js';
import {
  type CellOrder,
  type CheckpointPlace,
  type DevPoint,
  readMessage,
  type StepProgress,
  type WorkerMessage,
} from '../../cell/index.js';
import { MEASURED_NODE_OPTIONS, deathOf, exitOf, tailOf, type ProcessTree, startTree } from '../../processes/index.js';
import { loggedStepsSchema, type LoggedSteps } from '../../training/index.js';
import type { EndedRecord } from '../../records/index.js';

/** How a cell's process ended; a completed cell's body is what its worker sent, unchecked. */
export type Ending =
  | { readonly state: 'completed'; readonly body: unknown; readonly loggedSteps: LoggedSteps | null }
  | { readonly state: EndedRecord['state']; readonly reason: string };

export type Outcome = Ending & {
  readonly startedAt: string;
  readonly seconds: number;
  readonly curve: readonly StepProgress[];
  readonly devCurve: readonly DevPoint[];
};

export interface PoolOptions {
  /** Cells at the same time. */
  readonly jobs: number;
  /** The script each cell's process runs. */
  readonly workerPath: string;
  /** Where a cell keeps how far it is; nowhere unless given. */
  readonly checkpointOf?: (cell: Cell) => CheckpointPlace;
  /** Where a cell's trained weights are kept, where they are. */
  readonly weightsOf?: (cell: Cell) => string;
}

export interface PoolEvents {
  started(cell: Cell): void;
  progressed(cell: Cell, progress: StepProgress): void;
  ended(cell: Cell, outcome: Outcome): void;
}

/**
 * Runs every cell in a process of its own; one that dies does not stop the others. An aborted signal kills what runs, and
 * `ended` is not called for those.
 */
export async function runPool(cells: readonly Cell[], options: PoolOptions, events: PoolEvents, signal: AbortSignal): Promise<void> {
  const broken = new AbortController();
  const stop = AbortSignal.any([signal, broken.signal]);
  const queue = cells.values();
  const takeTurns = async () => {
    for (const cell of queue) {
      if (stop.aborted) return;
      events.started(cell);
      const outcome = await runCellProcess(cell, options, (progress) => events.progressed(cell, progress), stop);
      if (outcome) events.ended(cell, outcome);
    }
  };
  try {
    await Promise.all(Array.from({ length: options.jobs }, takeTurns));
  } finally {
    // Where a record cannot be written, no worker may be left behind.
    broken.abort();
  }
}

async function runCellProcess(
  cell: Cell,
  options: PoolOptions,
  progressed: (progress: StepProgress) => void,
  signal: AbortSignal,
): Promise<Outcome | undefined> {
  const startedAt = new Date();
  const curve: StepProgress[] = [];
  const devCurve: DevPoint[] = [];
  let earlierSeconds = 0;
  const worker = startWorker(cell, options);
  const ending = await watch(worker, cell.settings.timeoutSeconds, signal, (said) => {
    if (said.type === 'resumed') {
      earlierSeconds = said.seconds;
      curve.push(...said.curve);
      devCurve.push(...said.devCurve);
      return;
    }
    if (said.type === 'evaluated') {
      devCurve.push({ step: said.step, forwards: said.forwards, score: said.score });
      return;
    }
    const progress = { step: said.step, loss: said.loss, forwards: said.forwards };
    curve.push(progress);
    progressed(progress);
  });
  if (!ending) return undefined;
  const seconds = earlierSeconds + (Date.now() - startedAt.getTime()) / 1000;
  return { ...ending, startedAt: startedAt.toISOString(), seconds, curve, devCurve };
}

function startWorker(cell: Cell, { workerPath, checkpointOf, weightsOf }: PoolOptions): ProcessTree {
  const place = checkpointOf?.(cell);
  const worker = startTree(workerPath, MEASURED_NODE_OPTIONS, place && [place.file, place.key]);
  const order: CellOrder = { settings: located(cell), saveTo: weightsOf?.(cell) ?? null };
  worker.channel.send(order);
  return worker;
}

/** Follows a worker to its end; undefined when the signal made that end. */
async function watch(
  { root, channel, end }: ProcessTree,
  timeoutSeconds: number,
  signal: AbortSignal,
  says: (message: ProgressMessage) => void,
): Promise<Ending | undefined> {
  const output = tailOf(root);
  const seen: { result?: Ending } = {};
  channel.onMessage = (message) => {
    if (seen.result) return;
    const received = readMessage(message);
    if (received?.type === 'progress' || received?.type === 'evaluated' || received?.type === 'resumed') {
      says(received);
      return;
    }
    seen.result = received ? endingOf(received) : SENSELESS;
    // Whatever its own code left running has no part in the cell any more.
    end();
  };
  const limits = limit(end, timeoutSeconds, signal);
  const exit = await exitOf(root);
  limits.lift();
  if (seen.result) return seen.result;
  if (signal.aborted) return undefined;
  if (limits.timedOut()) return { state: 'timed-out', reason: `killed after ${timeoutSeconds} s: a larger --timeout gives it more` };
  return deathOf('the worker', exit, output());
}

type ProgressMessage = Extract<WorkerMessage, { type: 'progress' | 'evaluated' | 'resumed' }>;

function endingOf(message: Exclude<WorkerMessage, ProgressMessage>): Ending {
  if (message.type === 'ended') return { state: message.state, reason: message.reason };
  const logged = loggedStepsSchema.nullable().safeParse(message.loggedSteps);
  return logged.success ? { state: 'completed', body: message.body, loggedSteps: logged.data } : SENSELESS;
}

const SENSELESS: Ending = { state: 'failed', reason: 'the worker sent a message that no cell sends' };

/** The longest delay setTimeout takes; beyond it fires at once. */
const LONGEST_DELAY_MS = 2 ** 31 - 1;

/** Ends a worker that takes too long or whose signal is aborted, until lifted. */
function limit(end: () => void, timeoutSeconds: number, signal: AbortSignal) {
  let timedOut = false;
  const timer = setTimeout(
    () => {
      timedOut = true;
      end();
    },
    Math.min(timeoutSeconds * 1000, LONGEST_DELAY_MS),
  );
  signal.addEventListener('abort', end);
  const lift = () => {
    clearTimeout(timer);
    signal.removeEventListener('abort', end);
  };
  return { timedOut: () => timedOut, lift };
}
