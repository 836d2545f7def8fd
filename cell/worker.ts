import { CellCheckpoints, checkpointPlace } from './checkpoint.js';
import { endedBy } from './ended.js';
import { runCell } from './run-cell.js';
import { parentChannel } from '../processes/index.js';
import type { CellOrder, WorkerMessage } from './messages.js';

// Runs one cell in a process of its own: what to do comes in as the first message, progress and the result go out. Its arguments say
// where its checkpoint is.

const parent = parentChannel();
parent.onMessage = (order) => void work(order as CellOrder);

/** Native sessions, and what own code left running, may keep the process alive: it ends once the message is out. */
const finish = (result: WorkerMessage): void => parent.send(result, () => process.exit(0));

// Own code may throw where nobody waits for it, as in a timer.
process.on('uncaughtException', (thrown) => finish(endedBy(thrown)));
process.on('unhandledRejection', (thrown) => finish(endedBy(thrown)));

async function work(order: CellOrder): Promise<void> {
  finish(await resultOf(order));
}

async function resultOf({ settings, saveTo }: CellOrder): Promise<WorkerMessage> {
  try {
    const say = (message: WorkerMessage): void => parent.send(message);
    const checkpoints = new CellCheckpoints(checkpointPlace(process.argv.slice(2)));
    if (checkpoints.earlier) say({ type: 'resumed', ...checkpoints.earlier });
    const { result, loggedSteps } = await runCell(
      settings,
      (progress) => say({ type: 'progress', ...progress }),
      (point) => say({ type: 'evaluated', ...point }),
      checkpoints,
      saveTo,
    );
    return { type: 'completed', body: result, loggedSteps };
  } catch (error) {
    return endedBy(error);
  }
}
