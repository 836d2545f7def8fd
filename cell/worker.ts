import { CellCheckpoints, checkpointPlace } from './checkpoint.js';
import { endedBy } from './ended.js';
import { runCell } from './run-cell.js';
import { parentChannel } from '../processes/index.js';
import { type WorkerMessage } from './messages.js';
import type { CellSettings } from '../records/index.js';

// Runs one cell in a process of its own: settings come in as the first message, progress and the result go out. Its arguments say where
// its checkpoint is.

const parent = parentChannel();
parent.onMessage = (settings) => void work(settings as CellSettings);

/** Native sessions, and what own code left running, may keep the process alive: it ends once the message is out. */
const finish = (result: WorkerMessage): void => parent.send(result, () => process.exit(0));

// Own code may throw where nobody waits for it, as in a timer.
process.on('uncaughtException', (thrown) => finish(endedBy(thrown)));
process.on('unhandledRejection', (thrown) => finish(endedBy(thrown)));

async function work(settings: CellSettings): Promise<void> {
  finish(await resultOf(settings));
}

async function resultOf(settings: CellSettings): Promise<WorkerMessage> {
  try {
    const say = (message: WorkerMessage): void => parent.send(message);
    const checkpoints = new CellCheckpoints(checkpointPlace(process.argv.slice(2)));
    if (checkpoints.earlier) say({ type: 'resumed', ...checkpoints.earlier });
    const { result, loggedSteps } = await runCell(
      settings,
      (progress) => say({ type: 'progress', ...progress }),
      (point) => say({ type: 'evaluated', ...point }),
      checkpoints,
    );
    return { type: 'completed', body: result, loggedSteps };
  } catch (error) {
    return endedBy(error);
  }
}
