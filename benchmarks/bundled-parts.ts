import { fileURLToPath } from 'node:url';
import { catalog, planningCatalog } from './catalog.js';
import type { Output } from './program.js';
import { reportText } from './report-run.js';
import type { Parts } from './run.js';

/** What the runner works with outside of tests: all that zobench has. */
export const bundledParts = (output: Output & Pick<Parts, 'stderr'>): Parts => ({
  ...output,
  catalog,
  planningCatalog,
  workerPath: fileURLToPath(new URL('./worker.js', import.meta.url)),
  backend: 'onnxruntime-node',
  report: (folder) => reportText(folder, output.stdout),
});
