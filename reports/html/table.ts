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

/** A table in a box of its own, which scrolls, under the controls that filter it. `client/tables.ts` makes it sort and filter. */
export function dataTable<Row>({ id, caption, columns, rows }: Table<Row>): Markup {
  return markup`
<div class="data-table" id="${id}">
<form class="controls" role="search" aria-label="Filter: ${caption}">
<label>Search <input type="search" name="words" autocomplete="off" spellcheck="false"></label>
${columns.map((column, index) => (column.isFilter ? choice(column, index, rows) : ''))}
<button type="reset">Show all</button>
<output aria-live="polite">${rows.length} rows</output>
</form>
<div class="scroll" tabindex="0" role="region" aria-labelledby="${id}-caption">
<table>
<caption id="${id}-caption">${caption}</caption>
<thead><tr>${columns.map(headerCell)}</tr></thead>
<tbody>${rows.map((row) => markup`<tr>${columns.map((column, index) => cell(column, row, index))}</tr>\n`)}</tbody>
</table>
</div>
</div>`;
}

/** A list of the column's values; nothing where all rows share one. */
function choice<Row>({ title, value }: Column<Row>, index: number, rows: readonly Row[]): Markup | string {
  const values = [...new Set(rows.map((row) => String(value(row) ?? ABSENT)))].sort();
  if (values.length < 2) return '';
  const options = values.map((text) => markup`<option>${text}</option>`);
  return markup`<label>${title} <select data-column="${index}"><option value="">all</option>${options}</select></label>`;
}

function headerCell<Row>({ title }: Column<Row>): Markup {
  return markup`<th scope="col" aria-sort="none"><button type="button">${title}</button></th>`;
}

function cell<Row>({ value, shown }: Column<Row>, row: Row, index: number): Markup {
  const sorted = value(row);
  const text = sorted === null ? ABSENT : (shown?.(row) ?? sorted);
  if (index === 0) return markup`<th scope="row" data-value="${sorted ?? ''}">${text}</th>`;
  const kind = typeof sorted === 'string' ? 'text' : 'number';
  return markup`<td class="${kind}" data-value="${sorted ?? ''}">${text}</td>`;
}
