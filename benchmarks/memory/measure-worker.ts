import { measureMemory, type MeasuredRun } from './measure.js';

// Measures one run in a process of its own: it comes in as the first message, the result or the error goes out.

process.once('message', (run) => {
  void measureMemory(run as MeasuredRun)
    .catch((error: unknown) => ({ error: error instanceof Error ? error.message : String(error) }))
    .then((result) => process.send?.(result, () => process.exit(0)));
});
