import { DivergedError, isOutOfMemory } from '../engine/errors.js';
import { runCell } from './run-cell.js';
import { parentChannel } from '../processes/index.js';
import { oneLine } from '../engine/visible.js';
import { type WorkerMessage } from './messages.js';
import type { CellSettings } from '../records/index.js';

// Runs one cell in a process of its own: settings come in as the first message, progress and the result go out.

const parent = parentChannel();
parent.onMessage = (settings) => void work(settings as CellSettings);

async function work(settings: CellSettings): Promise<void> {
  const result = await resultOf(settings);
  // Native sessions may keep the process alive: it ends once the message is out.
  parent.send(result, () => process.exit(0));
}

async function resultOf(settings: CellSettings): Promise<WorkerMessage> {
  try {
    const say = (message: WorkerMessage): void => parent.send(message);
    const { result, loggedSteps } = await runCell(
      settings,
      (progress) => say({ type: 'progress', ...progress }),
      (point) => say({ type: 'evaluated', ...point }),
    );
    return { type: 'completed', body: result, loggedSteps };
  } catch (error) {
    return {
      type: 'ended',
      state: stateOf(error),
      reason: oneLine(error instanceof Error ? `${error.name}: ${error.message}` : String(error)),
    };
  }
}

function stateOf(error: unknown): 'diverged' | 'failed' | 'out-of-memory' {
  if (error instanceof DivergedError) return 'diverged';
  return isOutOfMemory(error) ? 'out-of-memory' : 'failed';
}
