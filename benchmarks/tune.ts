import { fileURLToPath } from 'node:url';
import { writeReport } from '../reports/index.js';
import { catalog } from './catalog.js';
import { runTune } from './tune-run.js';

// The program behind `npm run tune`.

process.exitCode = await runTune(process.argv.slice(2), {
  catalog,
  workerPath: fileURLToPath(new URL('./worker.js', import.meta.url)),
  backend: 'onnxruntime-node',
  report: writeReport,
  stdout: process.stdout,
  stderr: process.stderr,
});
