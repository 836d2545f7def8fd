import { grouped, percent } from '../engine/quantities.js';
import { visible } from '../engine/visible.js';
import { ABSENT, scoreText, scoreTitle, countsText, demonstrationsText, markdownCell, mebibytes, milliseconds } from './format.js';
import type { Measured, SummaryRow } from './summary.js';

/** A column of the summary, as it is shown. */
export interface SummaryColumn {
  readonly title: string;
  /** Where a row is from, what it is of, what it measured, and of how many cells. */
  readonly kind: 'place' | 'name' | 'number' | 'count';
  /** By row, as plain text. */
  readonly cells: readonly string[];
}

/** A summary column by column. */
export function columnsOf(summary: readonly SummaryRow[]): SummaryColumn[] {
  const column = (title: string, kind: SummaryColumn['kind'], text: (row: SummaryRow) => string): SummaryColumn => ({
    title,
    kind,
    cells: summary.map((row) => visible(text(row))),
  });
  const measured = (title: string, text: (measured: Measured) => string): SummaryColumn =>
    column(title, 'number', (row) => (row.measured === null ? ABSENT : text(row.measured)));
  return [
    column('Model', 'place', ({ model }) => model),
    column('Task', 'place', ({ task }) => task),
    column('Data', 'place', ({ data }) => data),
    column('Scheme', 'place', ({ scheme }) => scheme),
    column('Optimizer', 'name', ({ name }) => name),
    measured(scoreTitle(summary), scoreText),
    measured('Zero-shot (%)', ({ zeroShotMean }) => percent(zeroShotMean)),
    measured('Step (ms)', ({ stepMs }) => (stepMs === null ? ABSENT : milliseconds(stepMs))),
    measured('Peak memory (MiB)', ({ peakBytes }) => mebibytes(peakBytes)),
    measured('Forward passes', ({ forwards }) => grouped(forwards)),
    column('Seeds', 'count', (row) => String(row.measured?.seeds ?? 0)),
    column('Not completed', 'count', ({ ended }) => countsText(ended) || ABSENT),
  ];
}

/** A GitHub Markdown table of a summary, and under it which rows rest on generated data or bundled mini models. */
export function markdownTable(summary: readonly SummaryRow[]): string {
  const columns = columnsOf(summary);
  const rule = columns.map(({ kind }) => (kind === 'place' || kind === 'name' ? '---' : '---:'));
  const rows = summary.map((_, row) => columns.map(({ cells }) => markdownCell(cells[row] ?? '')));
  const table = [columns.map(({ title }) => title), rule, ...rows].map((cells) => `| ${cells.join(' | ')} |`);
  return [...table, ...notesOf(summary).flatMap((note) => ['', note])].join('\n') + '\n';
}

/** What is to be known of the rows, in sentences. */
export function notesOf(summary: readonly SummaryRow[]): string[] {
  const named = (rows: readonly SummaryRow[], name: 'model' | 'task'): string => [...new Set(rows.map((row) => row[name]))].join(', ');
  const generated = summary.filter(({ measured }) => measured?.generatedData);
  const bundled = summary.filter(({ measured }) => measured?.bundledCheckpoint);
  const written = summary.filter(({ measured }) => measured?.metric === 'f1');
  const cut = demonstrationsText(summary);
  const searched = summary.filter(({ configurations }) => configurations > 1);
  return [
    ...(generated.length > 0 ? [`Generated data: ${named(generated, 'task')}.`] : []),
    ...(bundled.length > 0 ? [`Bundled mini models: ${named(bundled, 'model')}.`] : []),
    ...(written.length > 0 ? [`Mean F1 of written answers instead of accuracy: ${named(written, 'task')}.`] : []),
    ...(cut ? [`Demonstrations that the context held, on average: ${cut}.`] : []),
    ...(searched.length > 0 ? ['Where several learning rates or epsilons were tried, the row shows the one that did best on dev.'] : []),
  ];
}
