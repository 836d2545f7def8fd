import { csvText } from '../csv-text.js';
import type { TableCell, Table } from './table.js';

type Value = string | number | null;

interface Field {
  /** Behind the column's heading; our mean has the heading to itself. */
  readonly name: string;
  readonly of: (cell: TableCell) => Value;
}

const OURS: readonly Field[] = [
  { name: '', of: ({ ours }) => ours?.mean ?? null },
  { name: ' std', of: ({ ours }) => ours?.std ?? null },
  { name: ' seeds', of: ({ ours }) => ours?.seeds ?? 0 },
];

/** Only in columns that have any. */
const PUBLISHED: readonly Field[] = [
  { name: ' published', of: ({ published }) => published?.value ?? null },
  { name: ' published std', of: ({ published }) => published?.std ?? null },
  { name: ' published unit', of: ({ published }) => published?.unit ?? null },
  { name: ' published source', of: ({ published }) => published?.source ?? null },
];

/** A table as CSV in its own shape, with a few CSV columns for each of its columns; accuracies in per cent, as papers print them. */
export function renderCsv({ corner, columns, rows }: Table): string {
  const fields = columns.map((_, index) => {
    const cells = rows.flatMap((row) => row.cells[index] ?? []);
    return [...OURS, ...PUBLISHED.filter(({ of }) => cells.some((cell) => of(cell) !== null))];
  });
  const header = columns.flatMap(({ labels }, index) => (fields[index] ?? []).map(({ name }) => labels.join(', ') + name));
  const body = rows.map((row): Value[] => [
    ...row.labels,
    ...row.cells.flatMap((cell, index) => (fields[index] ?? []).map(({ of }) => of(cell))),
  ]);
  return csvText([[...corner, ...header], ...body]);
}
