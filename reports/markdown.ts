import { grouped, percent } from '../engine/quantities.js';
import { ABSENT, accuracyText, countsText, demonstrationsText, markdownCell, mebibytes, milliseconds } from './format.js';
import type { Measured, SummaryRow } from './summary.js';

const HEADER = [
  ...['Model', 'Task', 'Data', 'Scheme', 'Optimizer', 'Test accuracy (%)', 'Zero-shot (%)'],
  ...['Step (ms)', 'Peak memory (MiB)', 'Forward passes', 'Seeds', 'Not completed'],
];
const NAME_COLUMNS = 5;

/** A GitHub Markdown table of a summary, and under it which rows rest on generated data or embedded mini models. */
export function markdownTable(summary: readonly SummaryRow[]): string {
  const rule = HEADER.map((_, column) => (column < NAME_COLUMNS ? '---' : '---:'));
  const table = [HEADER, rule, ...summary.map(tableRow)].map((cells) => `| ${cells.join(' | ')} |`);
  return [...table, ...notes(summary).flatMap((note) => ['', note])].join('\n') + '\n';
}

function tableRow(row: SummaryRow): string[] {
  const names = [row.model, row.task, row.data, row.scheme, row.name].map(markdownCell);
  return [...names, ...measuredCells(row.measured), countsText(row.ended) || ABSENT];
}

function measuredCells(measured: Measured | null): string[] {
  if (measured === null) return [...Array<string>(5).fill(ABSENT), '0'];
  return [
    accuracyText(measured),
    percent(measured.zeroShotMean),
    measured.stepMs === null ? ABSENT : milliseconds(measured.stepMs),
    mebibytes(measured.peakBytes),
    grouped(measured.forwards),
    String(measured.seeds),
  ];
}

function notes(summary: readonly SummaryRow[]): string[] {
  const named = (rows: readonly SummaryRow[], name: 'model' | 'task'): string => [...new Set(rows.map((row) => row[name]))].join(', ');
  const generated = summary.filter(({ measured }) => measured?.generatedData);
  const embedded = summary.filter(({ measured }) => measured?.embeddedCheckpoint);
  const written = summary.filter(({ measured }) => measured?.metric === 'f1');
  const cut = demonstrationsText(summary);
  const searched = summary.filter(({ configurations }) => configurations > 1);
  return [
    ...(generated.length > 0 ? [`Generated data: ${named(generated, 'task')}.`] : []),
    ...(embedded.length > 0 ? [`Embedded mini models: ${named(embedded, 'model')}.`] : []),
    ...(written.length > 0 ? [`Mean F1 of written answers instead of accuracy: ${named(written, 'task')}.`] : []),
    ...(cut ? [`Demonstrations that the context held, on average: ${cut}.`] : []),
    ...(searched.length > 0 ? ['Where several learning rates or epsilons were tried, the row shows the one that did best on dev.'] : []),
  ];
}
