import { visible } from '../../engine/visible.js';
import { partition } from '../groups.js';
import { cellTextsOf, footOf } from './cell-text.js';
import type { TableCell, Heading, Table } from './table.js';

/** More rows than a page holds: set as a longtable, which breaks over pages. */
const LONG = 50;

/**
 * A table as LaTeX, which needs the package booktabs: a float, made as wide as the text by graphicx where it is wider; a long one runs
 * over pages, by the package longtable.
 */
export function renderLatex(table: Table): string {
  const { corner, columns, rows, id, title, from } = table;
  const { sentences, sources } = footOf(table);
  const textOf = cellTextsOf(table);
  const cellText = (cell: TableCell): string => {
    const { ours, published } = textOf(cell);
    return escapeLatex(ours) + (published ? ` [${escapeLatex(published.text)}]\\textsuperscript{${published.letter}}` : '');
  };
  const body = rows.map(({ labels, cells }) => [...labels.map(escapeLatex), ...cells.map(cellText)]);
  const notes = [...sentences.map(escapeLatex), ...sources.map(({ letter, text }) => `\\textsuperscript{${letter}}${escapeLatex(text)}.`)];
  const parts: Parts = {
    caption: `\\caption{${escapeLatex(`${title} (${from}).`)}}\\label{tab:${id}}`,
    columns: `${'l'.repeat(corner.length)}${'r'.repeat(columns.length)}`,
    header: ['\\toprule', ...headerLines(corner, columns), '\\midrule'],
    body: body.map(line),
    notes: `\\par\\smallskip\\footnotesize ${notes.join(' ')}`,
  };
  return [...(rows.length > LONG ? longTable(parts) : float(parts)), ''].join('\n');
}

interface Parts {
  readonly caption: string;
  readonly columns: string;
  readonly header: readonly string[];
  readonly body: readonly string[];
  readonly notes: string;
}

const float = ({ caption, columns, header, body, notes }: Parts): string[] => [
  ...['% Needs \\usepackage{booktabs,graphicx}', '\\begin{table}', '\\centering', caption],
  '\\resizebox{\\ifdim\\width>\\linewidth\\linewidth\\else\\width\\fi}{!}{%',
  ...[`\\begin{tabular}{${columns}}`, ...header, ...body, '\\bottomrule', '\\end{tabular}}'],
  ...[notes, '\\end{table}'],
];

const longTable = ({ caption, columns, header, body, notes }: Parts): string[] => [
  ...[
    '% Needs \\usepackage{booktabs,longtable}',
    '{\\footnotesize\\setlength{\\tabcolsep}{4pt}',
    `\\begin{longtable}{${columns}}`,
    `${caption}\\\\`,
  ],
  ...[...header, '\\endhead', ...body, '\\bottomrule', '\\end{longtable}', `${notes}\\par}`],
];

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
  '\\': '\\textbackslash{}',
  '~': '\\textasciitilde{}',
  '^': '\\textasciicircum{}',
  '<': '\\textless{}',
  '>': '\\textgreater{}',
  '±': '$\\pm$',
  '–': '--',
  '−': '$-$',
};

/** Text in which nothing is a command, in any encoding. */
export const escapeLatex = (text: string): string => visible(text).replace(/[\\~^<>±–−#$%&_{}]/g, (sign) => LATEX[sign] ?? `\\${sign}`);
