import { fileURLToPath } from 'node:url';
import { markdownTable, terminalTable, writeReport } from '../reports/index.js';
import { catalog, planningCatalog } from './catalog.js';
import { runBench } from './run.js';

// The program behind `npm run bench`: hands the runner what zobench has.

process.exitCode = await runBench(process.argv.slice(2), {
  catalog,
  planningCatalog,
  workerPath: fileURLToPath(new URL('./worker.js', import.meta.url)),
  backend: 'onnxruntime-node',
  report: async (folder) => {
    const { summary, problems } = await writeReport(folder);
    // A file or a pipe gets what can be pasted into a document.
    const table = process.stdout.isTTY ? terminalTable(summary, process.stdout.columns) : markdownTable(summary);
    return [table, ...problems].join('\n');
  },
  stdout: process.stdout,
  stderr: process.stderr,
});
