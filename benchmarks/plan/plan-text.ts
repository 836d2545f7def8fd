import stringWidth from 'string-width';
import { bytesText, duration } from '../../engine/quantities.js';
import { type Catalog } from './catalog.js';
import { type Cell, cellTitle, located } from './cell.js';
import { FLOPS_PER_SECOND_PER_THREAD } from './estimate.js';
import { estimatedSeconds } from './forecast.js';
import type { Peak } from '../../memory/index.js';

interface Estimate {
  readonly seconds: number;
  readonly peak: Peak;
  /** Whether the data of the task are there. */
  readonly hasData: boolean;
}

/** The table `--plan` prints: every cell with its estimated time and peak memory, and the run's. */
export async function planText(cells: readonly Cell[], isDone: (cell: Cell) => boolean, jobs: number, catalog: Catalog): Promise<string> {
  const rows: string[][] = [['cell', 'time', 'memory', 'what', 'state']];
  const open: Estimate[] = [];
  const absent = new Set<string>();
  for (const cell of cells) {
    const estimate = await estimateOf(cell, catalog);
    const done = isDone(cell);
    if (!done) open.push(estimate);
    if (!estimate.hasData) absent.add(cell.settings.task);
    const state = done ? 'done' : 'to run';
    rows.push([cell.id, duration(estimate.seconds), bytesText(estimate.peak.bytes), cellTitle(cell.settings), state]);
  }
  return [...aligned(rows), '', totalLine(open, cells.length, jobs), ASSUMPTION, ...absentLine([...absent]), ...refusalLine(open)].join(
    '\n',
  );
}

const ASSUMPTION = `Estimates, not measurements: from shapes and the data's lengths, at ${FLOPS_PER_SECOND_PER_THREAD / 1e9} GFLOP/s per thread.`;

function absentLine(tasks: readonly string[]): string[] {
  const [first] = tasks;
  if (first === undefined) return [];
  return [
    `The data of ${tasks.join(', ')} are not there: their published sizes and usual lengths are taken. ` +
      `To run, put each into a folder of its name (${first}/) below one that --data names.`,
  ];
}

function refusalLine(open: readonly Estimate[]): string[] {
  const refusals = open.flatMap(({ peak }) => peak.refusal ?? []);
  const [first] = refusals;
  return first === undefined ? [] : [`${refusals.length} of the cells do not fit this machine, the first for this: ${first}`];
}

async function estimateOf(cell: Cell, catalog: Catalog): Promise<Estimate> {
  const settings = located(cell);
  const model = await catalog.modelSize(settings.model, settings.scheme);
  const data = await catalog.plannedData(settings, model);
  const seconds = await estimatedSeconds(cell, catalog);
  return {
    seconds,
    peak: await catalog.predictPeak(settings, { ...data.lengths, writes: data.task.metric === 'f1' }),
    hasData: data.sample !== undefined,
  };
}

function totalLine(open: readonly Estimate[], cells: number, jobs: number): string {
  const seconds = open.reduce((sum, estimate) => sum + estimate.seconds, 0) / jobs;
  const largest = open.map(({ peak }) => peak.bytes).sort((a, b) => b - a);
  const memory = largest.slice(0, jobs).reduce((sum, bytes) => sum + bytes, 0);
  return `${open.length} of ${cells} cells to run, ${jobs} at a time: about ${duration(seconds)}, about ${bytesText(memory)} at most`;
}

/** Rows with their columns one below the other. */
export function aligned(rows: readonly string[][]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => stringWidth(row[column] ?? ''))));
  return rows.map((row) =>
    row
      .map((text, column) => text + ' '.repeat((widths[column] ?? 0) - stringWidth(text)))
      .join('  ')
      .trimEnd(),
  );
}
