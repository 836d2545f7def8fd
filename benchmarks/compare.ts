import { fileURLToPath } from 'node:url';
import { writeReport } from '../reports/index.js';
import { catalog } from './catalog.js';
import { runCompare } from './compare/run.js';

// The program behind `npm run compare`.

process.exitCode = await runCompare(process.argv.slice(2), {
  catalog,
  workerPath: fileURLToPath(new URL('./worker.js', import.meta.url)),
  backend: 'onnxruntime-node',
  report: async (folder) => (await writeReport(folder)).problems.join('\n'),
  stdout: process.stdout,
  stderr: process.stderr,
});
