import { fileURLToPath } from 'node:url';
import { embeddedModelIds, modelFolder } from '../models/index.js';
import { isOptimizerPath, optimizerIds, resolveOptimizer } from '../optimizers/index.js';
import { markdownTable, writeReport } from '../reports/index.js';
import { schemeIds } from '../schemes/index.js';
import { taskIds } from '../tasks/index.js';
import { defaultHyperparameters } from './hyperparameters.js';
import { runBench } from './run.js';

// The program behind `npm run bench`: hands the runner what zobench has.

process.exitCode = await runBench(process.argv.slice(2), {
  catalog: {
    ...{ optimizers: optimizerIds, schemes: schemeIds, tasks: taskIds, models: embeddedModelIds },
    ...{ isOptimizerPath, resolveOptimizer, modelFolder, defaultHyperparameters },
  },
  workerPath: fileURLToPath(new URL('./worker.js', import.meta.url)),
  backend: 'onnxruntime-node',
  report: async (folder) => {
    const { summary, problems } = await writeReport(folder);
    return [markdownTable(summary), ...problems].join('\n');
  },
  stdout: process.stdout,
  stderr: process.stderr,
});
