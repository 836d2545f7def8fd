import stringWidth from 'string-width';
import { columnsOf, notesOf, type SummaryColumn } from './markdown.js';
import type { SummaryRow } from './summary.js';

const GAP = '  ';
/** A name is cut to no less. */
const SHORTEST_NAME = 8;

/**
 * The summary as a table for a terminal that is so many characters wide, as plain text: columns that say the same in every row become a
 * line above, titles stand in several lines, and names are cut where all that is not enough.
 */
export function terminalTable(summary: readonly SummaryRow[], width: number): string {
  const all = columnsOf(summary);
  const folded = all.filter((column) => isFolded(column, summary.length));
  const columns = fitted(
    all.filter((column) => !folded.includes(column)),
    width,
  );
  const caption = joined(
    folded.map(({ title, cells }) => `${title}: ${cells[0] ?? ''}`),
    width,
    ', ',
  );
  const notes = notesOf(summary);
  return [...caption, ...(caption.length > 0 ? [''] : []), ...linesOf(columns), ...(notes.length > 0 ? ['', ...notes] : []), ''].join('\n');
}

/** A name that all share, or of several rows what else they do. What a row is about stays. */
function isFolded({ kind, cells }: SummaryColumn, rows: number): boolean {
  const isSame = rows > 0 && new Set(cells).size === 1;
  return isSame && (kind === 'place' || (kind === 'count' && rows > 1));
}

/** With names cut, the longest first, until the table fits. */
function fitted(columns: readonly SummaryColumn[], width: number): readonly SummaryColumn[] {
  const tooMuch = columns.reduce((sum, column) => sum + widthOf(column), GAP.length * (columns.length - 1)) - width;
  const names = columns.filter(({ kind, cells }) => kind !== 'number' && kind !== 'count' && longest(cells) > SHORTEST_NAME);
  const [widest] = names.sort((a, b) => longest(b.cells) - longest(a.cells));
  if (tooMuch <= 0 || widest === undefined) return columns;
  const room = Math.max(SHORTEST_NAME, longest(widest.cells) - tooMuch);
  const cut = { ...widest, cells: widest.cells.map((text) => shortened(text, room)) };
  return fitted(
    columns.map((column) => (column === widest ? cut : column)),
    width,
  );
}

/** Its end: of paths that is what tells them apart. */
function shortened(text: string, room: number): string {
  if (stringWidth(text) <= room) return text;
  const characters = [...new Intl.Segmenter().segment(text)].map(({ segment }) => segment);
  while (stringWidth(characters.join('')) >= room) characters.shift();
  return `…${characters.join('')}`;
}

function linesOf(columns: readonly SummaryColumn[]): string[] {
  const titles = columns.map(titleLines);
  const height = Math.max(0, ...titles.map(({ length }) => length));
  const heads = Array.from({ length: height }, (_, line) => titles.map((own) => own[line - height + own.length] ?? ''));
  const rows = (columns[0]?.cells ?? []).map((_, row) => columns.map(({ cells }) => cells[row] ?? ''));
  const rule = columns.map((column) => '-'.repeat(widthOf(column)));
  return [...heads, rule, ...rows].map((cells) =>
    cells
      .map((text, index) => padded(text, columns[index]))
      .join(GAP)
      .trimEnd(),
  );
}

function padded(text: string, column: SummaryColumn | undefined): string {
  if (!column) return text;
  const space = ' '.repeat(widthOf(column) - stringWidth(text));
  return column.kind === 'number' || column.kind === 'count' ? space + text : text + space;
}

const longest = (texts: readonly string[]): number => Math.max(0, ...texts.map((text) => stringWidth(text)));

const widthOf = (column: SummaryColumn): number => Math.max(longest(column.cells), longest(titleLines(column)));

/** A title's words, as many in a line as the cells are wide. */
function titleLines({ title, cells }: SummaryColumn): string[] {
  const words = title.split(' ');
  return joined(words, Math.max(longest(cells), longest(words)), ' ');
}

/** As many parts in a line as fit. */
function joined(parts: readonly string[], width: number, separator: string): string[] {
  const lines: string[] = [];
  for (const part of parts) {
    const longer = `${lines.at(-1) ?? ''}${separator}${part}`;
    if (lines.length > 0 && stringWidth(longer) <= width) lines[lines.length - 1] = longer;
    else lines.push(part);
  }
  return lines;
}
