import { download, find } from './dom.js';

type Direction = 'ascending' | 'descending';

/** Makes a table sort by the buttons in its head and filter by the controls above it. */
export function enliven(box: HTMLElement): void {
  const body = find(box, 'tbody', HTMLTableSectionElement);
  const rows = [...body.rows];
  const headers = [...box.querySelectorAll('thead th')];
  headers.forEach((header, column) =>
    find(header, 'button', HTMLButtonElement).addEventListener('click', () => {
      const direction = header.ariaSort === 'ascending' ? 'descending' : 'ascending';
      headers.forEach((other) => (other.ariaSort = other === header ? direction : 'none'));
      body.append(...sorted(rows, column, direction));
    }),
  );
  enlivenFilter(box, rows);
  enlivenDownload(box, headers, body);
  hintAtMore(box);
}

function enlivenFilter(box: HTMLElement, rows: readonly HTMLTableRowElement[]): void {
  const form = find(box, 'form', HTMLFormElement);
  const search = find(form, 'input', HTMLInputElement);
  const choices = [...form.querySelectorAll('select')];
  const count = find(form, 'output', HTMLOutputElement);
  const nothing = find(box, '.nothing', HTMLElement);
  const apply = (): void => {
    const words = search.value.toLowerCase().split(/\s+/);
    const isShown = (row: HTMLTableRowElement): boolean =>
      words.every((word) => row.textContent.toLowerCase().includes(word)) &&
      choices.every(({ value, dataset }) => value === '' || valueOf(row, Number(dataset.column)) === value);
    rows.forEach((row) => (row.hidden = !isShown(row)));
    const shown = rows.filter(({ hidden }) => !hidden).length;
    nothing.hidden = shown > 0;
    count.value = shown === rows.length ? `${rows.length} rows` : `${shown} of ${rows.length} rows`;
  };
  form.addEventListener('input', apply);
  form.addEventListener('submit', (event) => event.preventDefault());
  form.addEventListener('reset', () => {
    // The controls are emptied after this event.
    setTimeout(apply);
  });
}

/** The rows that are shown, in their order, as the values behind the texts. */
function enlivenDownload(box: HTMLElement, headers: readonly Element[], body: HTMLTableSectionElement): void {
  const button = find(box, '[data-download]', HTMLButtonElement);
  button.addEventListener('click', () => {
    const titles = headers.map((header) => header.textContent.trim());
    const shown = [...body.rows].filter(({ hidden }) => !hidden);
    const lines = [titles, ...shown.map((row) => titles.map((_, column) => valueOf(row, column)))];
    const text = lines.map((values) => values.map(quoted).join(',')).join('\r\n');
    download(button.dataset.download ?? 'table.csv', new Blob([`${text}\r\n`], { type: 'text/csv' }));
  });
}

const quoted = (value: string): string => (/[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);

/** Says so where columns lie beyond the right edge. The line keeps its place while the table scrolls: nothing below may move under a click. */
function hintAtMore(box: HTMLElement): void {
  const [scroll, more] = [find(box, '.scroll', HTMLElement), find(box, '.more', HTMLElement)];
  const update = (): void => {
    more.hidden = scroll.scrollWidth <= scroll.clientWidth + 1;
    more.style.visibility = scroll.scrollLeft + scroll.clientWidth >= scroll.scrollWidth - 1 ? 'hidden' : 'visible';
  };
  scroll.addEventListener('scroll', update);
  new ResizeObserver(update).observe(scroll);
}

/** Rows without a value come last either way; equal rows keep the report's order. */
function sorted(rows: readonly HTMLTableRowElement[], column: number, direction: Direction): HTMLTableRowElement[] {
  const sign = direction === 'ascending' ? 1 : -1;
  return rows.toSorted((a, b) => {
    const [left, right] = [valueOf(a, column), valueOf(b, column)];
    if (left === '' || right === '') return Number(left === '') - Number(right === '');
    return sign * compare(left, right);
  });
}

function compare(a: string, b: string): number {
  const difference = Number(a) - Number(b);
  return Number.isNaN(difference) ? a.localeCompare(b, 'en') : difference;
}

function valueOf(row: HTMLTableRowElement, column: number): string {
  return row.cells[column]?.dataset.value ?? '';
}
