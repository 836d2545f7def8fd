import { fileURLToPath } from 'node:url';
import { markdownTable, writeReport } from '../reports/index.js';
import { catalog, planningCatalog } from './catalog.js';
import { runBench } from './run.js';

// The program behind `npm run bench`: hands the runner what zobench has.

const argv = process.argv.slice(2);

process.exitCode = await runBench(argv, {
  catalog: argv.includes('--plan') ? planningCatalog : catalog,
  workerPath: fileURLToPath(new URL('./worker.js', import.meta.url)),
  backend: 'onnxruntime-node',
  report: async (folder) => {
    const { summary, problems } = await writeReport(folder);
    return [markdownTable(summary), ...problems].join('\n');
  },
  stdout: process.stdout,
  stderr: process.stderr,
});
