import type { Published } from './table.js';
import type { PublishedSource } from './sources.js';

/** Published values by row, then by column. */
export type PublishedValues = Readonly<Record<string, Readonly<Record<string, Published>>>>;

/** As a paper prints it: null where it has none; with its ± or brackets as a pair. */
type Printed = number | readonly [value: number, std: number] | null;

/** A block of a paper's table: its columns' keys, and by row key the values as printed. */
export function published(
  source: PublishedSource,
  columns: readonly string[],
  rows: Readonly<Record<string, readonly Printed[]>>,
  unit?: string,
): PublishedValues {
  return Object.fromEntries(
    Object.entries(rows).map(([row, values]) => [
      row,
      Object.fromEntries(columns.flatMap((column, index) => entry(column, values[index]))),
    ]),
  );

  function entry(column: string, printed: Printed | undefined): [string, Published][] {
    if (printed === null || printed === undefined) return [];
    const [value, std] = typeof printed === 'number' ? [printed] : printed;
    return [[column, { value, ...(std !== undefined && { std }), ...(unit !== undefined && { unit }), source }]];
  }
}

/** Blocks of one table together. */
export function together(...blocks: readonly PublishedValues[]): PublishedValues {
  const rows = [...new Set(blocks.flatMap(Object.keys))];
  return Object.fromEntries(rows.map((row) => [row, Object.assign({}, ...blocks.map((block) => block[row])) as PublishedValues[string]]));
}
