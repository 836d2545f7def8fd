import { visible } from '../../engine/visible.js';
import { cellTextsOf, footOf } from './cell-text.js';
import type { TableCell, Table } from './table.js';

/** A table as GitHub Markdown: title, table, and what it rests on. */
export function renderMarkdown(table: Table): string {
  const { sentences, sources } = footOf(table);
  const notes = sources.map(({ letter, text }) => `<sup>${letter}</sup> ${escape(text)}.`);
  return [
    `### ${escape(table.title)}`,
    '',
    `${escape(table.from)}.`,
    '',
    markdownBody(table),
    '',
    ...paragraphs([...sentences.map(escape), ...notes]),
  ].join('\n');
}

/** The table alone, for a page that says the rest itself. */
export function markdownBody({ corner, columns, rows, ...rest }: Table): string {
  const textOf = cellTextsOf({ corner, columns, rows, ...rest });
  const header = [...corner, ...columns.map(({ labels }) => labels.join(', '))].map(escape);
  const rule = header.map((_, index) => (index < corner.length ? '---' : '---:'));
  const body = rows.map(({ labels, cells }) => [...labels.map(escape), ...cells.map((cell) => cellText(cell))]);
  return [header, rule, ...body].map((line) => `| ${line.join(' | ')} |`).join('\n');

  function cellText(cell: TableCell): string {
    const { ours, published } = textOf(cell);
    return ours + (published ? ` [${published.text}]<sup>${published.letter}</sup>` : '');
  }
}

const paragraphs = (sentences: readonly string[]): string[] => sentences.flatMap((sentence) => [sentence, '']);

/** What Markdown would take for its own. */
const escape = (text: string): string => visible(text).replace(/[\\|*_<>[\]`]/g, '\\$&');
