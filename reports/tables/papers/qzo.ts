import { standard, type TableDefinition } from '../build.js';
import { cross, measured, optimizers, schemes, standIns, tasks, type Line } from '../lines.js';
import { memoryAboveRuntime } from '../measures.js';
import { published, together, type PublishedValues } from '../published.js';
import { mezoMethods } from './mezo-table-1.js';

const SCORES = ['sst2', 'rte', 'cb', 'boolq', 'squad'];
const LABELS = ['SST-2', 'RTE', 'CB', 'BoolQ', 'SQuAD'];

const columns = (): Line[] => [
  ...tasks(SCORES.map((task, index) => [task, LABELS[index] ?? task])),
  ...cross(tasks([['sst2', 'SST-2']]), [measured('memory', 'memory (MiB)', memoryAboveRuntime)]),
];

const [zeroShot] = schemes([['zero-shot', 'Zero-shot']]);
const quantised: readonly Line[] = [{ key: 'zero-shot-q', labels: ['Zero-shot-Q'], matches: () => false }, ...optimizers([['qzo', 'QZO']])];
const rows: readonly Line[] = [
  mezoMethods.ft,
  ...(zeroShot ? [zeroShot] : []),
  ...quantised.slice(0, 1),
  mezoMethods.mezo,
  ...quantised.slice(1),
];

const shared = {
  corner: ['Model', 'Method'],
  scope: standard,
  columns,
  notes: [
    'Zero-shot-Q and QZO are empty: zobench has no quantised models yet.',
    "Ours is main memory above the loaded runtime's, on SST-2; the published figures are GPU memory.",
  ],
} as const;

const memories = (values: Readonly<Record<string, number>>): PublishedValues =>
  published('qzo', ['sst2/memory'], Object.fromEntries(Object.entries(values).map(([row, value]) => [row, [value]])), 'GB');

/** Four-bit weights whose scales are trained. */
export const qzoTable1: TableDefinition = {
  ...shared,
  id: 'qzo-table-1',
  title: 'Test score and memory with 4-bit weights',
  from: 'QZO, Table 1',
  rows: (run) => cross([...standIns(run, 'opt', 'OPT-6.7B'), ...standIns(run, 'llama', 'Llama-2-7B'), llama31], rows),
  published: together(
    published('qzo', SCORES, {
      'opt/ft': [95.4, 79.8, 73.2, 69.6, 77.6],
      'opt/zero-shot': [61.2, 55.2, 51.8, 59.5, 36.5],
      'opt/zero-shot-q': [60.1, 53.8, 51.8, 59.1, 35.9],
      'opt/mezo': [93.0, 64.6, 67.9, 66.8, 79.6],
      'opt/qzo': [87.6, 61.7, 67.9, 66.4, 78.5],
      'llama/ft': [92.8, 63.2, 60.7, 75.0, 83.7],
      'llama/zero-shot': [58.1, 61.7, 32.1, 66.0, 55.6],
      'llama/zero-shot-q': [58.5, 53.4, 35.7, 64.6, 53.6],
      'llama/mezo': [83.5, 58.1, 67.9, 69.6, 80.7],
      'llama/qzo': [90.0, 59.2, 69.6, 68.2, 85.5],
      'llama-3.1/ft': [93.7, 71.5, 62.5, 83.4, 84.9],
      'llama-3.1/zero-shot': [59.6, 45.8, 46.4, 66.1, 64.8],
      'llama-3.1/zero-shot-q': [58.7, 50.2, 37.5, 65.0, 59.2],
      'llama-3.1/mezo': [92.5, 70.0, 91.1, 83.4, 86.9],
      'llama-3.1/qzo': [93.0, 66.8, 69.6, 78.2, 88.3],
    }),
    memories({ 'opt/ft': 26.8, 'opt/mezo': 14.8, 'opt/qzo': 4.8, 'llama/ft': 26.0, 'llama/mezo': 14.8, 'llama/qzo': 5.0 }),
    memories({ 'llama-3.1/ft': 31.9, 'llama-3.1/mezo': 20.5, 'llama-3.1/qzo': 6.3 }),
  ),
};

/** Nothing stands in for it: the run's LLaMA stands in for Llama-2. */
const llama31: Line = { key: 'llama-3.1', labels: ['Llama-3.1-8B'], matches: ({ model }) => /llama-3\.1-8b/i.test(model) };

/** Two-bit weights. */
export const qzoTable3: TableDefinition = {
  ...shared,
  id: 'qzo-table-3',
  title: 'Test score and memory with 2-bit weights',
  from: 'QZO, Table 3',
  rows: (run) => cross(standIns(run, 'llama', 'Llama-2-13B'), quantised),
  published: together(
    published('qzo', SCORES, { 'llama/zero-shot-q': [57.6, 53.1, 46.4, 69.2, 55.4], 'llama/qzo': [80.5, 54.5, 55.4, 70.2, 59.4] }),
    memories({ 'llama/qzo': 5.78 }),
  ),
};
