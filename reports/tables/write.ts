import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder } from '../../engine/make-folder.js';
import { writeFileWhole } from '../../engine/index.js';
import { exhibits } from './catalog.js';
import { renderCsv } from './render-csv.js';
import { renderLatex } from './render-latex.js';
import { renderMarkdown } from './render-markdown.js';
import type { RecordedRuns } from './run.js';
import { isFilled, type Table } from './table.js';

/** What became of one table. */
export interface Written {
  readonly id: string;
  readonly title: string;
  readonly isFilled: boolean;
}

/**
 * Writes every table and figure of the papers into a folder, in place of those of an earlier call: each as CSV, Markdown and LaTeX, figures
 * with something to show as PNG and SVG too, and `tables.md` with all of them.
 */
export async function writeTables(folder: string, run: RecordedRuns): Promise<Written[]> {
  makeFolder(folder);
  // Loaded late: importing this module must not load the drawing libraries.
  const { writeChart } = await import('../chart-render.js');
  const tables = exhibits.map((exhibit) => ({ ...exhibit, table: exhibit.make(run) }));
  const pages: string[] = [];
  const drawn: string[] = [];
  const written = tables.map(({ table, charts }) => {
    const images = Object.entries(charts?.(table, run) ?? {}).map(([name, chart]) => {
      drawn.push(...writeChart(folder, name, chart));
      return `![${table.title}](${name}.png)`;
    });
    const page = writeTable(folder, table);
    pages.push([page, ...images].join('\n'));
    return { id: table.id, title: table.title, isFilled: isFilled(table) };
  });
  writeFileWhole(join(folder, 'tables.md'), `# Tables and figures of the papers\n\n${pages.join('\n')}\n`);
  removeOldImages(
    folder,
    tables.map(({ table }) => table.id),
    drawn,
  );
  return written;
}

/** A chart of an earlier call may have nothing to show now. */
function removeOldImages(folder: string, ids: readonly string[], drawn: readonly string[]): void {
  const isOld = (name: string): boolean => name.endsWith('.png') && !drawn.includes(name) && ids.some((id) => name.startsWith(id));
  for (const name of readdirSync(folder).filter(isOld)) rmSync(join(folder, name));
}

/** Gives the Markdown. */
function writeTable(folder: string, table: Table): string {
  const markdown = renderMarkdown(table);
  writeFileWhole(join(folder, `${table.id}.csv`), renderCsv(table));
  writeFileWhole(join(folder, `${table.id}.md`), markdown);
  writeFileWhole(join(folder, `${table.id}.tex`), renderLatex(table));
  return markdown;
}
