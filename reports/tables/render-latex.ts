import { partition } from '../groups.js';
import { cellTextsOf, footOf } from './cell-text.js';
import type { Cell, Heading, Table } from './table.js';

/** A table as a LaTeX float that needs the package booktabs, and is made as wide as the text by graphicx where it is wider. */
export function renderLatex(table: Table): string {
  const { corner, columns, rows, id, title, from } = table;
  const { sentences, sources } = footOf(table);
  const textOf = cellTextsOf(table);
  const cellText = (cell: Cell): string => {
    const { ours, published } = textOf(cell);
    return escapeLatex(ours) + (published ? ` [${escapeLatex(published.text)}]\\textsuperscript{${published.letter}}` : '');
  };
  const body = rows.map(({ labels, cells }) => [...labels.map(escapeLatex), ...cells.map(cellText)]);
  const notes = [...sentences.map(escapeLatex), ...sources.map(({ letter, text }) => `\\textsuperscript{${letter}}${escapeLatex(text)}.`)];
  return [
    ...['% Needs \\usepackage{booktabs,graphicx}', '\\begin{table}', '\\centering'],
    `\\caption{${escapeLatex(`${title} (${from}).`)}}`,
    `\\label{tab:${id}}`,
    '\\resizebox{\\ifdim\\width>\\linewidth\\linewidth\\else\\width\\fi}{!}{%',
    `\\begin{tabular}{${'l'.repeat(corner.length)}${'r'.repeat(columns.length)}}`,
    '\\toprule',
    ...headerLines(corner, columns),
    '\\midrule',
    ...body.map(line),
    ...['\\bottomrule', '\\end{tabular}}'],
    `\\par\\smallskip\\footnotesize ${notes.join(' ')}`,
    '\\end{table}',
    '',
  ].join('\n');
}

const line = (cells: readonly string[]): string => `${cells.join(' & ')} \\\\`;

/** A line per label of a heading, from outside in; neighbours that share a label are spanned, but for the innermost, where short ones stand. */
function headerLines(corner: readonly string[], columns: readonly Heading[]): string[] {
  const depth = Math.max(1, ...columns.map(({ labels }) => labels.length));
  const levels = columns.map(({ labels }) => [...Array<string>(depth - labels.length).fill(''), ...labels]);
  return Array.from({ length: depth }, (_, level) => level).flatMap((level) => {
    const isInnermost = level === depth - 1;
    const before = corner.map((label) => (isInnermost ? escapeLatex(label) : ''));
    const own = levels.map((labels) => labels[level] ?? '');
    return isInnermost ? [line([...before, ...own.map(escapeLatex)])] : spannedLines(before, levels, level);
  });
}

function spannedLines(before: readonly string[], columns: readonly (readonly string[])[], level: number): string[] {
  const spans = partition(columns, (labels) => JSON.stringify(labels.slice(0, level + 1)));
  const cells = spans.map((span) => `\\multicolumn{${span.length}}{c}{${escapeLatex(span[0][level] ?? '')}}`);
  let first = before.length + 1;
  const rules = spans.flatMap((span) => {
    const from = first;
    first += span.length;
    return span[0][level] === '' ? [] : [`\\cmidrule(lr){${from}-${first - 1}}`];
  });
  return [line([...before, ...cells]), rules.join(' ')];
}

const LATEX: Readonly<Record<string, string>> = {
  ...{ '\\': '\\textbackslash{}', '~': '\\textasciitilde{}', '^': '\\textasciicircum{}', '<': '\\textless{}', '>': '\\textgreater{}' },
  ...{ '±': '$\\pm$', '–': '--', '−': '$-$' },
};

/** Text in which nothing is a command, in any encoding. */
export const escapeLatex = (text: string): string => text.replace(/[\\~^<>±–−#$%&_{}]/g, (sign) => LATEX[sign] ?? `\\${sign}`);
