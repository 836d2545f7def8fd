import { standard, type TableDefinition } from '../build.js';
import { cross, standIns, tasks, type Line } from '../lines.js';
import { zeroShot } from '../measures.js';
import { published } from '../published.js';

const TASKS = ['sst2', 'rte', 'cb', 'boolq', 'wsc', 'wic', 'multirc', 'copa', 'record', 'squad', 'drop'];
const LABELS = ['SST-2', 'RTE', 'CB', 'BoolQ', 'WSC', 'WIC', 'MultiRC', 'COPA', 'ReCoRD', 'SQuAD', 'DROP'];

const method = (key: string, label: string, scheme: string, optimizer: string): Line => ({
  key,
  labels: [label],
  matches: (settings) => settings.scheme === scheme && settings.optimizer === optimizer,
});

/** Rows that MeZO's tables have in common. Zero-shot is the untouched model's accuracy, which every cell of full fine-tuning begins with. */
export const mezoMethods = {
  zeroShot: { key: 'zero-shot', labels: ['Zero-shot'], matches: ({ scheme }) => ['zero-shot', 'full'].includes(scheme), measure: zeroShot },
  icl: { key: 'icl', labels: ['ICL'], matches: ({ scheme }) => scheme === 'icl' },
  linearProbing: { key: 'lp', labels: ['LP'], matches: ({ scheme }) => scheme === 'linear-probing' },
  mezo: method('mezo', 'MeZO', 'full', 'zo-sgd'),
  mezoLora: method('mezo-lora', 'MeZO (LoRA)', 'lora', 'zo-sgd'),
  mezoPrefix: method('mezo-prefix', 'MeZO (prefix)', 'prefix', 'zo-sgd'),
  mezoAdam: method('mezo-adam', 'MeZO-Adam', 'full', 'zo-adam'),
  ft: method('ft', 'FT', 'full', 'fo-adam'),
  ftLora: method('ft-lora', 'FT (LoRA)', 'lora', 'fo-adam'),
  ftPrefix: method('ft-prefix', 'FT (prefix)', 'prefix', 'fo-adam'),
} as const satisfies Readonly<Record<string, Line>>;

const rows = ({ zeroShot: none, icl, linearProbing, mezo, mezoLora, mezoPrefix, ft }: typeof mezoMethods): Line[] => [
  ...[none, icl, linearProbing, mezo, mezoLora, mezoPrefix, ft],
];

/** MeZO's main table. */
export const mezoTable1: TableDefinition = {
  id: 'mezo-table-1',
  title: 'Test score by method and task',
  from: 'MeZO, Table 1',
  corner: ['Model', 'Method'],
  scope: standard,
  rows: (run) => cross(standIns(run, 'opt', 'OPT-13B'), rows(mezoMethods)),
  columns: () => tasks(TASKS.map((task, index) => [task, LABELS[index] ?? task])),
  published: published('mezo', TASKS, {
    'opt/zero-shot': [58.8, 59.6, 46.4, 59.0, 38.5, 55.0, 46.9, 80.0, 81.2, 46.2, 14.6],
    'opt/icl': [87.0, 62.1, 57.1, 66.9, 39.4, 50.5, 53.1, 87.0, 82.5, 75.9, 29.6],
    'opt/lp': [93.4, 68.6, 67.9, 59.3, 63.5, 60.2, 63.5, 55.0, 27.1, 3.7, 11.1],
    'opt/mezo': [91.4, 66.1, 67.9, 67.6, 63.5, 61.1, 60.1, 88.0, 81.7, 84.7, 30.9],
    'opt/mezo-lora': [89.6, 67.9, 66.1, 73.8, 64.4, 59.7, 61.5, 84.0, 81.2, 83.8, 31.4],
    'opt/mezo-prefix': [90.7, 70.8, 69.6, 73.1, 60.6, 59.9, 63.7, 87.0, 81.4, 84.2, 28.9],
    'opt/ft': [92.0, 70.8, 83.9, 77.1, 63.5, 70.1, 71.1, 79.0, 74.1, 84.9, 31.3],
  }),
};
