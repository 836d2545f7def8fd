import { fileURLToPath } from 'node:url';
import { catalog, planningCatalog } from '../plan/index.js';
import type { Output } from '../../command-line/index.js';
import { reported } from './report.js';
import type { Parts } from './run.js';

/** What the runner works with outside of tests: all that zobench has. */
export const bundledParts = (output: Output & Pick<Parts, 'stderr'>): Parts => ({
  ...output,
  catalog,
  planningCatalog,
  workerPath: fileURLToPath(new URL('../../cell/worker.js', import.meta.url)),
  backend: 'onnxruntime-node',
  report: (folder) => reported(folder, output.stdout),
});
