import type { TableDefinition } from '../build.js';
import { cross, observed, optimizers, schemes, standIns, tasks, type Line } from '../lines.js';
import type { RecordedRuns } from '../run.js';

const templates: readonly Line[] = [
  { key: 'aligned', labels: ['aligned'], matches: ({ template }) => template === 'aligned' },
  { key: 'plain', labels: ['plain'], matches: ({ template }) => template === 'plain' },
];

const models = (run: RecordedRuns): Line[] => [...standIns(run, 'roberta', 'RoBERTa-large'), ...standIns(run, 'opt', 'OPT')];

/** Those that some task was asked plainly with. */
function plainSchemes(run: RecordedRuns): Line[] {
  const found = observed(run, 'scheme', ({ template }) => template === 'plain');
  return found.length > 0 ? found : schemes([['full', 'full']]);
}

/** Tasks asked in words against tasks asked plainly. Its values were not to be had. */
export const zoBenchAlignment: TableDefinition = {
  id: 'zo-bench-alignment',
  title: 'Test accuracy with and without task alignment',
  from: 'ZO-Bench, the table on task alignment',
  corner: ['Model', 'Scheme', 'Optimizer'],
  scope: ({ objective }) => objective === 'cross-entropy',
  rows: (run) =>
    cross(
      cross(models(run), plainSchemes(run)),
      optimizers([
        ['fo-sgd', 'FO-SGD'],
        ['zo-sgd', 'ZO-SGD'],
        ['zo-adam', 'ZO-Adam'],
      ]),
    ),
  columns: () =>
    cross(
      tasks([
        ['sst2', 'SST-2'],
        ['rte', 'RTE'],
        ['copa', 'COPA'],
      ]),
      templates,
    ),
  notes: ["COPA is added to the paper's tasks."],
};
