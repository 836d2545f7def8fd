import type { ChildProcess } from 'node:child_process';
import { oneLine } from '../engine/visible.js';

/** Of a process without a result. */
export interface Death {
  readonly state: 'failed' | 'out-of-memory';
  readonly reason: string;
}

/** For how long output may come after a process's end. */
const OUTPUT_MS = 5000;

interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly error?: Error;
}

/** How a process ended, once nothing more comes from it. */
export async function exitOf(child: ChildProcess): Promise<Exit> {
  return new Promise((resolve) => {
    child.on('error', (error) => resolve({ code: null, signal: null, error }));
    // 'close' comes after the last message and the last output, 'exit' may come before them. What holds the output open is no part of it.
    child.on('close', (code, signal) => resolve({ code, signal }));
    child.on('exit', (code, signal) => void setTimeout(() => resolve({ code, signal }), OUTPUT_MS).unref());
  });
}

/** Why a process ended without a result. */
export function deathOf(who: string, { code, signal, error }: Exit, output: string): Death {
  if (error) return { state: 'failed', reason: `${who} did not start: ${oneLine(error.message)}` };
  const exhausted = output.split('\n').find((line) => /heap out of memory|bad_alloc/.test(line));
  if (exhausted !== undefined) return { state: 'out-of-memory', reason: oneLine(exhausted) };
  if (signal === 'SIGKILL') return { state: 'out-of-memory', reason: 'killed with SIGKILL, most likely for want of memory' };
  const how = signal ? `ended by ${signal}` : `exited with ${code ?? 'no code'}`;
  return { state: 'failed', reason: `${who} ${how}: ${lastError(output)}` };
}

/** The stacks of an end from within, and what follows them. */
const STACKS = /^----- (Native|JavaScript) stack trace -----$[^]*/m;
/** What Node writes below an error. */
const BELOW = /^\s*(at .*|Node\.js v[\d.]+|\(Use `node --trace-.*)?$/;

/** The line that says what went wrong. */
function lastError(output: string): string {
  const lines = output
    .replace(STACKS, '')
    .split('\n')
    .filter((line) => !BELOW.test(line));
  return oneLine(lines.findLast((line) => /error/i.test(line)) ?? lines.at(-1) ?? 'it said nothing');
}

const TAIL_CHARACTERS = 8192;

/** Keeps the end of what a process writes. */
export function tailOf(child: ChildProcess): () => string {
  let tail = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8');
    stream?.on('data', (chunk: string) => (tail = (tail + chunk).slice(-TAIL_CHARACTERS)));
  }
  return () => tail;
}
