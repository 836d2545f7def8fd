import { fixed, grouped, percent } from '../../engine/quantities.js';
import { scoreText, scoreTitle, countsText, mebibytes, milliseconds } from '../format.js';
import { shortName } from '../panels.js';
import type { CellRecord, CellSettings, CompletedRecord } from '../../records/record.js';
import type { Measured, SummaryRow } from '../summary.js';
import { markup, type Markup } from './markup.js';
import type { Column } from './table.js';

type Identified = Pick<CellSettings, 'model' | 'task' | 'scheme' | 'data'>;

const IDENTITY: readonly Column<Identified>[] = [
  { title: 'Model', value: ({ model }) => model, shown: ({ model }) => named(model), isFilter: true },
  { title: 'Task', value: ({ task }) => task, isFilter: true },
  { title: 'Scheme', value: ({ scheme }) => scheme, isFilter: true },
  { title: 'Data', value: ({ data }) => data, shown: ({ data }) => named(data), isFilter: true },
];

/** The columns of the table with a row per group; the score beside the name, where a phone shows it. */
export const groupColumns = (rows: readonly SummaryRow[]): readonly Column<SummaryRow>[] => [
  { title: 'Optimizer', value: ({ name }) => name },
  ofMeasured(
    scoreTitle(rows),
    ({ testScoreMean }) => testScoreMean,
    (_, measured) => scoreText(measured),
  ),
  ...IDENTITY,
  ofMeasured('Zero-shot (%)', ({ zeroShotMean }) => zeroShotMean, percent),
  ofMeasured('Step (ms)', ({ stepMs }) => stepMs, milliseconds),
  ofMeasured('Peak memory (MiB)', ({ peakBytes }) => peakBytes, mebibytes),
  ofMeasured('Forward passes', ({ forwards }) => forwards, grouped),
  { title: 'Seeds', value: ({ measured }) => measured?.seeds ?? 0 },
  { title: 'Configurations tried', value: ({ configurations }) => configurations },
  {
    title: 'Not completed',
    value: ({ ended }) => Object.values(ended).reduce((sum, count) => sum + count, 0),
    shown: ({ ended }) => countsText(ended) || '0',
  },
];

/** The columns of the table with a row per cell; one for warnings where there are any. */
export const cellColumns = (records: readonly CellRecord[]): readonly Column<CellRecord>[] =>
  records.some(({ warnings }) => warnings) ? [...CELL_COLUMNS, WARNINGS] : CELL_COLUMNS;

const WARNINGS: Column<CellRecord> = { title: 'Warnings', value: ({ warnings = [] }) => warnings.join('; ') };

const CELL_COLUMNS: readonly Column<CellRecord>[] = [
  { title: 'Optimizer', value: ({ settings }) => settings.optimizer },
  ofCompleted('Test score (%)', ({ final }) => final.test.score, percent),
  { title: 'Seed', value: ({ settings }) => settings.seed },
  ...IDENTITY.map((column) => ofSettings(column)),
  { title: 'State', value: ({ state }) => state, isFilter: true },
  {
    ...ofCompleted('95 % interval', ({ final }) => final.test.interval[0], percent),
    shown: (record) => (record.state === 'completed' ? record.final.test.interval.map(percent).join(' to ') : ''),
  },
  ofCompleted('Dev score (%)', ({ final }) => final.dev.score, percent),
  ofCompleted('Best step', ({ final }) => final.step, grouped),
  { title: 'Objective', value: ({ settings }) => settings.objective },
  { title: 'Steps', value: ({ settings }) => settings.steps },
  { title: 'Batch', value: ({ settings }) => settings.batchSize },
  { title: 'Learning rate', value: ({ settings }) => settings.learningRate },
  { title: 'Epsilon', value: ({ settings }) => settings.epsilon },
  ofCompleted('Step (ms)', ({ stepMs }) => stepMs?.median ?? null, milliseconds),
  ofCompleted('Peak memory (MiB)', ({ memory }) => memory.peakBytes, mebibytes),
  ofCompleted('Forward passes', ({ forwards }) => forwards, grouped),
  ofCompleted('Backward passes', ({ backwards }) => backwards, grouped),
  { title: 'Seconds', value: ({ seconds }) => seconds, shown: ({ seconds }) => fixed(seconds, 1) },
  { title: 'Cell', value: ({ cell }) => cell, shown: curveButton },
];

/** The columns of the table of cells that did not complete. */
export const FAILURE_COLUMNS: readonly Column<Extract<CellRecord, { reason: string }>>[] = [
  { title: 'Optimizer', value: ({ settings }) => settings.optimizer },
  { title: 'State', value: ({ state }) => state, isFilter: true },
  { title: 'Reason', value: ({ reason }) => reason },
  { title: 'Last step', value: ({ curve }) => curve.at(-1)?.step ?? null },
  ...IDENTITY.map((column) => ofSettings(column)),
  { title: 'Seed', value: ({ settings }) => settings.seed },
  { title: 'Learning rate', value: ({ settings }) => settings.learningRate },
  { title: 'Epsilon', value: ({ settings }) => settings.epsilon },
  { title: 'Cell', value: ({ cell }) => cell },
];

function ofSettings({ shown, ...column }: Column<Identified>): Column<CellRecord> {
  return {
    ...column,
    value: ({ settings }) => column.value(settings),
    ...(shown && { shown: ({ settings }: CellRecord) => shown(settings) }),
  };
}

/** A group's column whose value only completed cells have, if they do; without one, nothing is shown. */
function ofMeasured(
  title: string,
  value: (measured: Measured) => number | null,
  text: (value: number, measured: Measured) => string,
): Column<SummaryRow> {
  return {
    title,
    value: ({ measured }) => measured && value(measured),
    shown: ({ measured }) => (measured ? text(value(measured) ?? NaN, measured) : ''),
  };
}

/** The same for a cell. */
function ofCompleted(
  title: string,
  value: (record: CompletedRecord) => number | null,
  text: (value: number) => string,
): Column<CellRecord> {
  return {
    title,
    value: (record) => (record.state === 'completed' ? value(record) : null),
    shown: (record) => (record.state === 'completed' ? text(value(record) ?? NaN) : ''),
  };
}

/** Models and data may be long paths: their end, and the whole where a pointer rests. */
function named(text: string): Markup {
  return markup`<span title="${text}">${shortName(text)}</span>`;
}

/** The cell's name, which draws its curve. */
function curveButton({ cell, curve }: CellRecord): Markup | string {
  return curve.length > 0 ? markup`<button type="button" data-curve="${cell}" title="Draw the training loss">${cell}</button>` : cell;
}
