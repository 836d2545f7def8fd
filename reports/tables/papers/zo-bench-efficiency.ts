import { standard, type TableDefinition } from '../build.js';
import { allSubjects, cross, measured, observed, optimizers, zoBenchOptimizers, type Line } from '../lines.js';
import { forwardsPerStep, memoryAboveRuntime, peakMemory, stepTime } from '../measures.js';
import { settingsOf, type RecordedRuns } from '../run.js';
import type { CellSettings } from '../../../records/record.js';

const costs: readonly Line[] = [
  measured('peak', 'peak memory (MiB)', peakMemory),
  measured('above-runtime', 'above the runtime (MiB)', memoryAboveRuntime),
  measured('time', 'time per step (ms)', stepTime),
  measured('forwards', 'forward passes per step', forwardsPerStep),
];

const isFull = (settings: CellSettings): boolean => standard(settings) && settings.scheme === 'full';

/** Models and tasks that go together in the run. */
function pairsIn(run: RecordedRuns): Line[] {
  const scoped = run.groups.flatMap((group) => settingsOf(group) ?? []).filter(isFull);
  return cross(allSubjects(run), observed(run, 'task', isFull)).filter(({ matches }) => scoped.some(matches));
}

/** What a step costs by optimizer. In ZO-Bench of OPT-13B on MultiRC, here of every model and task of the run; its values were not to be had. */
export const zoBenchEfficiency: TableDefinition = {
  id: 'zo-bench-efficiency',
  title: 'Memory and time of full fine-tuning by optimizer',
  from: 'ZO-Bench, the efficiency table',
  corner: ['Model', 'Task', 'Optimizer'],
  scope: isFull,
  rows: (run) =>
    cross(pairsIn(run), [...zoBenchOptimizers.slice(0, 1), ...optimizers([['fo-adam', 'FO-Adam']]), ...zoBenchOptimizers.slice(1)]),
  columns: () => costs,
  notes: ['Memory is the peak of the process, evaluation included; time is the median step of a cell, on the CPU.'],
};
