import { standard, type TableDefinition } from '../build.js';
import { cross, fourSchemes, standIns, zoBenchOptimizers, type Line } from '../lines.js';
import { memoryAboveRuntime } from '../measures.js';
import { published, together } from '../published.js';
import type { RecordedRuns } from '../run.js';

const OPT = ['opt/full', 'opt/lora', 'opt/prefix', 'opt/prompt'];
const models = (run: RecordedRuns): Line[] => [...standIns(run, 'roberta', 'RoBERTa-large'), ...standIns(run, 'opt', 'OPT-1.3B')];

/** ZO-Bench's main table: optimizers by model and scheme on SST-2. */
export const zoBenchTable2: TableDefinition = {
  id: 'zo-bench-table-2',
  title: 'Test accuracy on SST-2 by optimizer, model and scheme',
  from: 'ZO-Bench, Table 2',
  corner: ['Optimizer'],
  scope: (settings) => standard(settings) && settings.task === 'sst2',
  rows: () => zoBenchOptimizers,
  columns: (run) => cross(models(run), fourSchemes),
  published: together(
    published('card', ['roberta/full'], { 'fo-sgd': [91.4] }),
    published('relizo', OPT, {
      'fo-sgd': [91.1, 93.6, 93.1, 92.8],
      'zo-sgd': [90.8, 90.1, 91.4, 84.4],
      'zo-sgd-sign': [87.2, 91.5, 89.5, 72.9],
      'zo-adam': [84.4, 92.3, 91.4, 75.7],
    }),
  ),
};

/** The memory behind it, of the OPT columns. */
export const zoBenchTable2Memory: TableDefinition = {
  id: 'zo-bench-table-2-memory',
  title: 'Peak memory on SST-2 by optimizer and scheme',
  from: 'ZO-Bench, Table 2, memory as ReLIZO reprints it',
  corner: ['Optimizer'],
  scope: (settings) => standard(settings) && settings.task === 'sst2',
  rows: () => zoBenchOptimizers,
  columns: (run) => cross(standIns(run, 'opt', 'OPT-1.3B'), fourSchemes),
  measure: memoryAboveRuntime,
  notes: ["Ours is main memory above the loaded runtime's; the published figures are GPU memory."],
  published: published(
    'relizo',
    OPT,
    {
      'fo-sgd': [44.1, 44.1, 42.9, 50.6],
      'zo-sgd': [28.7, 19.7, 20.7, 18.8],
      'zo-sgd-sign': [31.4, 19.7, 20.7, 18.8],
      'zo-adam': [31.4, 19.7, 20.7, 18.8],
    },
    'GB',
  ),
};
