import { standard, type TableDefinition } from '../build.js';
import { allSubjects, cross, measured, observed, optimizers } from '../lines.js';
import { accuracy, forwardsPerStep, memoryAboveRuntime } from '../measures.js';
import type { CellSettings } from '../../../records/record.js';

const isBlockWise = (settings: CellSettings): boolean => standard(settings) && settings.optimizer.startsWith('zo-sgd-block');

/** One block at a time against all parameters at once. Its values were not to be had. */
export const zoBenchBlockWise: TableDefinition = {
  id: 'zo-bench-block-wise',
  title: 'Block-wise ZO-SGD: test accuracy, memory and cost of a step',
  from: 'ZO-Bench, the table on block-wise fine-tuning',
  corner: ['Task', 'Scheme', 'Optimizer'],
  scope: standard,
  rows: (run) =>
    cross(
      cross(observed(run, 'task', isBlockWise), observed(run, 'scheme', isBlockWise)),
      optimizers([
        ['zo-sgd', 'ZO-SGD'],
        ['zo-sgd-block', 'block-wise, by transformer block'],
        ['zo-sgd-block:level=module', 'block-wise, by module'],
        ['zo-sgd-block:level=linear', 'block-wise, by linear layer'],
      ]),
    ),
  columns: (run) =>
    cross(allSubjects(run), [
      measured('accuracy', 'accuracy (%)', accuracy),
      measured('memory', 'memory (MiB)', memoryAboveRuntime),
      measured('forwards', 'forward passes per step', forwardsPerStep),
    ]),
};
