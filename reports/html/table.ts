import { ABSENT } from '../format.js';
import { markup, type Markup } from './markup.js';

/** A column of a table that the page's reader can sort and filter. */
export interface Column<Row> {
  /** With the unit, where there is one. */
  title: string;
  /** What is sorted by; null, which sorts last, where nothing was measured. */
  value: (row: Row) => string | number | null;
  /** What is shown instead of the value. */
  shown?: (row: Row) => string | Markup;
  /** Gets a list of its values to choose from. */
  isFilter?: true;
}

export interface Table<Row> {
  id: string;
  caption: string;
  /** The first one names the row. */
  columns: readonly Column<Row>[];
  rows: readonly Row[];
}

/**
 * A table in a box of its own, which scrolls, under the controls that filter it. Columns in which all rows agree are folded into the
 * caption. `client/tables.ts` makes it sort and filter.
 */
export function dataTable<Row>({ id, caption, columns: all, rows }: Table<Row>): Markup {
  const folded = rows.length > 1 ? all.slice(1).filter((column) => valuesOf(column, rows).length === 1) : [];
  const columns = all.filter((column) => !folded.includes(column));
  const [row] = rows;
  const shared = row === undefined ? [] : folded.map((column) => markup` · ${column.title.toLowerCase()}: ${textOf(column, row)}`);
  return markup`
<div class="data-table" id="${id}">
<form class="controls" role="search" aria-label="Filter: ${caption}">
<label>Search <input type="search" name="words" autocomplete="off" spellcheck="false"></label>
${columns.map((column, index) => (column.isFilter ? choice(column, index, rows) : ''))}
<button type="reset">Show all</button>
<button type="button" data-download="${id}.csv">Download CSV</button>
<output aria-live="polite">${rows.length} rows</output>
</form>
<p class="caption" id="${id}-caption">${caption}${shared}</p>
<p class="more" hidden>The table goes on to the right →</p>
<div class="scroll" tabindex="0" role="region" aria-labelledby="${id}-caption">
<table aria-labelledby="${id}-caption">
<thead><tr>${columns.map(headerCell)}</tr></thead>
<tbody>${rows.map((each) => markup`<tr>${columns.map((column, index) => cell(column, each, index))}</tr>\n`)}</tbody>
</table>
</div>
<p class="nothing" hidden>No row has what was searched for: Show all brings them back.</p>
</div>`;
}

const valuesOf = <Row>({ value }: Column<Row>, rows: readonly Row[]): string[] => [
  ...new Set(rows.map((row) => String(value(row) ?? ABSENT))),
];

function textOf<Row>({ value, shown }: Column<Row>, row: Row): string | number | Markup {
  const sorted = value(row);
  return sorted === null ? ABSENT : (shown?.(row) ?? sorted);
}

/** A list of the column's values; nothing where all rows share one. */
function choice<Row>(column: Column<Row>, index: number, rows: readonly Row[]): Markup | string {
  const { title } = column;
  const values = valuesOf(column, rows).sort();
  if (values.length < 2) return '';
  const options = values.map((text) => markup`<option>${text}</option>`);
  return markup`<label>${title} <select data-column="${index}"><option value="">all</option>${options}</select></label>`;
}

function headerCell<Row>({ title }: Column<Row>): Markup {
  return markup`<th scope="col" aria-sort="none"><button type="button">${title}</button></th>`;
}

function cell<Row>(column: Column<Row>, row: Row, index: number): Markup {
  const sorted = column.value(row);
  const text = textOf(column, row);
  if (index === 0) return markup`<th scope="row" data-value="${sorted ?? ''}">${text}</th>`;
  const kind = typeof sorted === 'string' ? 'text' : 'number';
  return markup`<td class="${kind}" data-value="${sorted ?? ''}">${text}</td>`;
}
