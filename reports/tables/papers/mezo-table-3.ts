import type { TableDefinition } from '../build.js';
import { cross, standIns, tasks, type Line } from '../lines.js';
import { published } from '../published.js';
import { mezoMethods } from './mezo-table-1.js';

const { zeroShot, ft, mezo } = mezoMethods;
const withObjective = (line: Line, key: string, label: string, isCrossEntropy: boolean): Line => ({
  key,
  labels: [label],
  matches: (settings) => line.matches(settings) && (settings.objective === 'cross-entropy') === isCrossEntropy,
});

/** Training on the metric itself, which has no derivative. */
export const mezoTable3: TableDefinition = {
  id: 'mezo-table-3',
  title: 'Test score when training on the metric itself',
  from: 'MeZO, Table 3',
  corner: ['Method'],
  scope: ({ template }) => template === 'aligned',
  rows: () => [
    zeroShot,
    withObjective(ft, 'ft', 'Cross-entropy (FT)', true),
    withObjective(mezo, 'mezo', 'Cross-entropy (MeZO)', true),
    withObjective(mezo, 'metric', 'Accuracy or F1 (MeZO)', false),
  ],
  columns: (run) => [
    ...cross(
      standIns(run, 'roberta', 'RoBERTa-large'),
      tasks([
        ['sst2', 'SST-2'],
        ['sst5', 'SST-5'],
        ['snli', 'SNLI'],
        ['trec', 'TREC'],
      ]),
    ),
    ...cross(standIns(run, 'opt', 'OPT-13B'), tasks([['squad', 'SQuAD']])),
  ],
  published: published('mezo', ['roberta/sst2', 'roberta/sst5', 'roberta/snli', 'roberta/trec', 'opt/squad'], {
    'zero-shot': [79.0, 35.5, 50.2, 32.0, 46.2],
    ft: [93.9, 55.9, 88.7, 97.3, 84.2],
    mezo: [93.3, 53.2, 83.0, 94.3, 84.7],
    metric: [92.7, 48.9, 82.7, 68.6, 78.5],
  }),
  notes: ['The published columns of RoBERTa-large are with 512 items of each class.'],
};
