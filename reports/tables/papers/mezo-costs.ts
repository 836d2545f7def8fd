import { standard, type TableDefinition } from '../build.js';
import { cross, observed, subjectLine, type Line } from '../lines.js';
import { memoryAboveRuntime, stepTime } from '../measures.js';
import { published } from '../published.js';
import type { RecordedRuns } from '../run.js';
import { mezoMethods } from './mezo-table-1.js';

const SIZES = ['1.3b', '2.7b', '6.7b', '13b', '30b', '66b'];
const { icl, mezo, ft, ftPrefix } = mezoMethods;

/** OPT in the paper's sizes, on MultiRC, and the run's other OPT models, on the tasks they ran on. */
function sizes(run: RecordedRuns): Line[] {
  const subjects = run.subjects.filter(({ family }) => family === 'opt');
  const others = subjects.filter(({ label }) => !SIZES.some((size) => label === `opt-${size}`));
  const multirc: Line = { key: 'multirc', labels: ['MultiRC'], matches: ({ task }) => task === 'multirc' };
  return [
    ...cross(others.map(subjectLine), observed(run, 'task', standard)).filter(({ matches }) =>
      run.groups.some(({ cells }) => cells[0] && matches(cells[0].settings)),
    ),
    ...cross(
      SIZES.map((size) => sizeLine(size, run)),
      [multirc],
    ),
  ];
}

function sizeLine(size: string, run: RecordedRuns): Line {
  const subject = run.subjects.find(({ label }) => label === `opt-${size}`);
  return { matches: () => false, ...(subject && subjectLine(subject)), key: size, labels: [`OPT-${size.toUpperCase()}`] };
}

/** Memory by model size. */
export const mezoMemory: TableDefinition = {
  id: 'mezo-table-22',
  title: 'Peak memory by model and method',
  from: 'MeZO, Table 22',
  corner: ['Model', 'Task'],
  scope: standard,
  rows: sizes,
  columns: () => [mezo, icl, ftPrefix, ft],
  measure: memoryAboveRuntime,
  published: published(
    'mezo',
    ['mezo', 'icl', 'ft-prefix', 'ft'],
    {
      '1.3b/multirc': [4, 6, 19, 27],
      '2.7b/multirc': [7, 8, 29, 55],
      '6.7b/multirc': [14, 16, 46, 156],
      '13b/multirc': [26, 29, 158, 316],
      '30b/multirc': [58, 62, 315, 633],
      '66b/multirc': [128, 134, null, null],
    },
    'GB',
  ),
  notes: ["Ours is main memory above the loaded runtime's; the published figures are GPU memory at 400 tokens and batch 1."],
};

const batches = (size: number, line: Line, label: string): Line => ({
  key: `${line.key}-${size}`,
  labels: [`${label}, batch ${size}`],
  measure: stepTime,
  matches: (settings) => line.matches(settings) && settings.batchSize === size,
});

/** Time of a step by model size. */
export const mezoTime: TableDefinition = {
  id: 'mezo-table-23',
  title: 'Time of a step by model and method',
  from: 'MeZO, Table 23',
  corner: ['Model', 'Task'],
  scope: standard,
  rows: sizes,
  columns: () => [batches(16, mezo, 'MeZO'), batches(8, mezo, 'MeZO'), batches(8, ft, 'FT')],
  published: published(
    'mezo',
    ['mezo-16', 'mezo-8', 'ft-8'],
    {
      '1.3b/multirc': [0.815, 0.45, 0.784],
      '2.7b/multirc': [1.4, 0.788, 1.326],
      '13b/multirc': [2.702, 1.927, 13.638],
      '30b/multirc': [5.896, 4.267, 45.608],
      '66b/multirc': [12.438, 7.58, 84.098],
    },
    's',
  ),
  notes: ['Ours is on the CPU; the published times are on A100 GPUs, FT from 13B on on several.'],
};
