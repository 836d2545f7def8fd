import { join } from 'node:path';
import { makeFolder } from '../../engine/make-folder.js';
import { writeFileWhole } from '../../engine/index.js';
import { removeChart, writeChart } from '../chart-render.js';
import { writeMemoryCsv } from './csv.js';
import { memoryMarkdown } from './markdown.js';
import { memoryStudyChart } from './plot.js';
import type { Axis, MemoryStudy } from './study.js';

export { memoryMarkdown } from './markdown.js';
export { crossovers, type MemoryParts, type MemoryRow, type MemoryStudy, type PublishedRow } from './study.js';

const PLOTS: Readonly<Record<string, Axis>> = { 'memory-against-length': 'sequence', 'memory-against-batch-size': 'batch' };

/** Writes a study into a folder: CSV files, `memory.md`, and its plots, in place of those of an earlier one. */
export function writeMemoryStudy(folder: string, study: MemoryStudy): void {
  const plots = join(folder, 'plots');
  makeFolder(plots);
  writeMemoryCsv(folder, study);
  writeFileWhole(join(folder, 'memory.md'), memoryMarkdown(study));
  for (const [name, axis] of Object.entries(PLOTS)) {
    const chart = memoryStudyChart(study, axis);
    if (chart) writeChart(plots, name, chart);
    else removeChart(plots, name);
  }
}
