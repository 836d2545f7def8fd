import { inspect } from 'node:util';
import { DivergedError, isOutOfMemory } from '../engine/errors.js';
import { oneLine } from '../engine/visible.js';
import type { WorkerMessage } from './messages.js';

/** How a cell ended that threw something: own code may throw anything, also what throws when it is looked at. */
export function endedBy(thrown: unknown): Extract<WorkerMessage, { type: 'ended' }> {
  try {
    return { type: 'ended', state: stateOf(thrown), reason: reasonOf(thrown) };
  } catch {
    return { type: 'ended', state: 'failed', reason: 'an error was thrown that cannot be shown' };
  }
}

function stateOf(thrown: unknown): 'diverged' | 'failed' | 'out-of-memory' {
  if (thrown instanceof DivergedError) return 'diverged';
  return isOutOfMemory(thrown) ? 'out-of-memory' : 'failed';
}

function reasonOf(thrown: unknown): string {
  if (thrown instanceof Error) return oneLine(`${thrown.name}: ${thrown.message || 'no message'}`);
  return oneLine(`${inspect(thrown, { depth: 0, breakLength: Infinity })} was thrown, which is no Error`);
}
