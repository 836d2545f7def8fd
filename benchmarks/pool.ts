import type { ChildProcess } from 'node:child_process';
import { type Cell, located } from './cells.js';
import { type DevPoint, oneLine, readMessage, type StepProgress, type WorkerMessage } from './messages.js';
import { MEASURED_NODE_OPTIONS } from './node-options.js';
import { forkTree, type ProcessTree } from './process-tree.js';
import type { LoggedSteps } from './seed-log.js';
import type { EndedRecord } from '../reports/index.js';

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
      const outcome = await runCellProcess(cell, options.workerPath, (progress) => events.progressed(cell, progress), stop);
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
  workerPath: string,
  progressed: (progress: StepProgress) => void,
  signal: AbortSignal,
): Promise<Outcome | undefined> {
  const startedAt = new Date();
  const curve: StepProgress[] = [];
  const devCurve: DevPoint[] = [];
  const worker = startWorker(cell, workerPath);
  const ending = await watch(worker, cell.settings.timeoutSeconds, signal, (said) => {
    if (said.type === 'evaluated') {
      devCurve.push({ step: said.step, forwards: said.forwards, accuracy: said.accuracy });
      return;
    }
    const progress = { step: said.step, loss: said.loss, forwards: said.forwards };
    curve.push(progress);
    progressed(progress);
  });
  if (!ending) return undefined;
  return { ...ending, startedAt: startedAt.toISOString(), seconds: (Date.now() - startedAt.getTime()) / 1000, curve, devCurve };
}

function startWorker(cell: Cell, workerPath: string): ProcessTree {
  const worker = forkTree(workerPath, {
    execArgv: [...process.execArgv, ...MEASURED_NODE_OPTIONS],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    // Structured clone: a loss that is NaN arrives as NaN.
    serialization: 'advanced',
  });
  // A worker that dies at once closes the channel under this message; its exit tells the rest.
  worker.root.send(located(cell), () => undefined);
  return worker;
}

/** Follows a worker to its end; undefined when the signal made that end. */
async function watch(
  { root: worker, end }: ProcessTree,
  timeoutSeconds: number,
  signal: AbortSignal,
  says: (message: ProgressMessage) => void,
): Promise<Ending | undefined> {
  const output = tailOf(worker);
  const seen: { result?: Ending } = {};
  worker.on('message', (message) => {
    if (seen.result) return;
    const received = readMessage(message);
    if (received?.type === 'progress' || received?.type === 'evaluated') {
      says(received);
      return;
    }
    seen.result = received ? endingOf(received) : { state: 'failed', reason: 'the worker sent a message that no cell sends' };
    // Whatever its own code left running has no part in the cell any more.
    end();
  });
  const limits = limit(end, timeoutSeconds, signal);
  const exit = await exitOf(worker);
  limits.lift();
  if (seen.result) return seen.result;
  if (signal.aborted) return undefined;
  if (limits.timedOut()) return { state: 'timed-out', reason: `killed after ${timeoutSeconds} s: a larger --timeout gives it more` };
  return deathOf(exit, output());
}

type ProgressMessage = Extract<WorkerMessage, { type: 'progress' | 'evaluated' }>;

function endingOf(message: Exclude<WorkerMessage, ProgressMessage>): Ending {
  if (message.type === 'ended') return { state: message.state, reason: message.reason };
  return { state: 'completed', body: message.body, loggedSteps: message.loggedSteps };
}

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

/** For how long output may come after a worker's end. */
const OUTPUT_MS = 5000;

interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly error?: Error;
}

async function exitOf(worker: ChildProcess): Promise<Exit> {
  return new Promise((resolve) => {
    worker.on('error', (error) => resolve({ code: null, signal: null, error }));
    // 'close' comes after the last message and the last output, 'exit' may come before them. What holds the output open is no part of it.
    worker.on('close', (code, signal) => resolve({ code, signal }));
    worker.on('exit', (code, signal) => void setTimeout(() => resolve({ code, signal }), OUTPUT_MS).unref());
  });
}

/** Why a worker ended that sent no result. */
function deathOf({ code, signal, error }: Exit, output: string): Ending {
  if (error) return { state: 'failed', reason: `the worker did not start: ${oneLine(error.message)}` };
  const exhausted = output.split('\n').find((line) => /heap out of memory|bad_alloc/.test(line));
  if (exhausted !== undefined) return { state: 'out-of-memory', reason: oneLine(exhausted) };
  if (signal === 'SIGKILL') return { state: 'out-of-memory', reason: 'killed with SIGKILL, most likely for want of memory' };
  const how = signal ? `ended by ${signal}` : `exited with ${code ?? 'no code'}`;
  return { state: 'failed', reason: `the worker ${how}: ${lastError(output)}` };
}

/** The line that says what went wrong: Node writes a stack and its version below it. */
function lastError(output: string): string {
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  return oneLine(lines.findLast((line) => /error/i.test(line)) ?? lines.at(-1) ?? 'it said nothing');
}

const TAIL_CHARACTERS = 8192;

/** Keeps the end of what a worker writes. */
function tailOf(worker: ChildProcess): () => string {
  let tail = '';
  for (const stream of [worker.stdout, worker.stderr]) {
    stream?.setEncoding('utf8');
    stream?.on('data', (chunk: string) => (tail = (tail + chunk).slice(-TAIL_CHARACTERS)));
  }
  return () => tail;
}
