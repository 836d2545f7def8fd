import stringWidth from 'string-width';
import { bytesText, duration } from '../../engine/quantities.js';
import { type Catalog } from './catalog.js';
import { type Cell, cellTitle, located } from './cell.js';
import { FLOPS_PER_SECOND_PER_THREAD } from './estimate.js';
import { estimatedSeconds } from './forecast.js';
import type { Peak } from '../../memory/index.js';
import type { CellSettings } from '../../records/index.js';

interface Estimate {
  readonly seconds: number;
  readonly peak: Peak;
  /** Whether the data of the task are there. */
  readonly hasData: boolean;
}

/** What a run would take. */
export interface Plan {
  readonly cells: readonly PlannedCell[];
  readonly jobs: number;
  /** Of the cells that are still to run, so many at a time. */
  readonly toRun: { readonly cells: number; readonly seconds: number; readonly bytes: number };
  /** Tasks whose data are not there. */
  readonly absentData: readonly string[];
  /** Why cells do not fit this machine. */
  readonly refusals: readonly string[];
}

interface PlannedCell {
  readonly cell: string;
  readonly settings: CellSettings;
  readonly isDone: boolean;
  readonly seconds: number;
  /** Peak memory of its process. */
  readonly bytes: number;
}

/** Every cell with its estimated time and peak memory, and the run's. */
export async function planOf(cells: readonly Cell[], isDone: (cell: Cell) => boolean, jobs: number, catalog: Catalog): Promise<Plan> {
  const estimates: { cell: Cell; isDone: boolean; estimate: Estimate }[] = [];
  for (const cell of cells) estimates.push({ cell, isDone: isDone(cell), estimate: await estimateOf(cell, catalog) });
  const open = estimates.filter((one) => !one.isDone).map(({ estimate }) => estimate);
  return {
    cells: estimates.map(({ cell: { id, settings }, isDone: done, estimate: { seconds, peak } }) => {
      return { cell: id, settings, isDone: done, seconds, bytes: peak.bytes };
    }),
    jobs,
    toRun: totalOf(open, jobs),
    absentData: [...new Set(estimates.filter(({ estimate }) => !estimate.hasData).map(({ cell }) => cell.settings.task))],
    refusals: open.flatMap(({ peak }) => peak.refusal ?? []),
  };
}

/** The table that `--plan` prints. */
export function planText({ cells, jobs, toRun, absentData, refusals }: Plan): string {
  const rows = cells.map(({ cell, settings, isDone, seconds, bytes }) => [
    ...[cell, duration(seconds), bytesText(bytes), cellTitle(settings), isDone ? 'done' : 'to run'],
  ]);
  const total = `${toRun.cells} of ${cells.length} cells to run, ${jobs} at a time: about ${duration(toRun.seconds)}, about ${bytesText(toRun.bytes)} at most`;
  return [
    ...aligned([['cell', 'time', 'memory', 'what', 'state'], ...rows]),
    ...['', total, ASSUMPTION, ...absentLine(absentData), ...refusalLine(refusals)],
  ].join('\n');
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

function refusalLine(refusals: readonly string[]): string[] {
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

function totalOf(open: readonly Estimate[], jobs: number): Plan['toRun'] {
  const largest = open.map(({ peak }) => peak.bytes).sort((a, b) => b - a);
  return {
    cells: open.length,
    seconds: open.reduce((sum, estimate) => sum + estimate.seconds, 0) / jobs,
    bytes: largest.slice(0, jobs).reduce((sum, bytes) => sum + bytes, 0),
  };
}

/** Rows with their columns one below the other. */
export function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => stringWidth(row[column] ?? ''))));
  return rows.map((row) =>
    row
      .map((text, column) => text + ' '.repeat((widths[column] ?? 0) - stringWidth(text)))
      .join('  ')
      .trimEnd(),
  );
}
