import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { exhibits } from './catalog.js';
import { renderCsv } from './render-csv.js';
import { renderLatex } from './render-latex.js';
import { renderMarkdown } from './render-markdown.js';
import type { Run } from './run.js';
import { isFilled, type Table } from './table.js';

/** What became of one table. */
export interface Written {
  readonly id: string;
  readonly title: string;
  readonly isFilled: boolean;
}

/**
 * Writes every table and figure of the papers into a folder, in place of those of an earlier call: each as CSV, Markdown and LaTeX, figures
 * with something to show as PNG too, and `tables.md` with all of them.
 */
export async function writeTables(folder: string, run: Run): Promise<Written[]> {
  mkdirSync(folder, { recursive: true });
  // Loaded late: importing this module must not load the drawing libraries.
  const { renderPng } = await import('../chart-render.js');
  const tables = exhibits.map((exhibit) => ({ ...exhibit, table: exhibit.make(run) }));
  removeImages(
    folder,
    tables.map(({ table }) => table.id),
  );
  const pages: string[] = [];
  const written = tables.map(({ table, charts }) => {
    const images = Object.entries(charts?.(table, run) ?? {}).map(([name, chart]) => {
      writeFileAtomic.sync(join(folder, `${name}.png`), renderPng(chart));
      return `![${table.title}](${name}.png)`;
    });
    const page = writeTable(folder, table);
    pages.push([page, ...images].join('\n'));
    return { id: table.id, title: table.title, isFilled: isFilled(table) };
  });
  writeFileAtomic.sync(join(folder, 'tables.md'), `# Tables and figures of the papers\n\n${pages.join('\n')}\n`);
  return written;
}

/** A chart of an earlier call may have nothing to show now. */
function removeImages(folder: string, ids: readonly string[]): void {
  const isOld = (name: string): boolean => name.endsWith('.png') && ids.some((id) => name.startsWith(id));
  for (const name of readdirSync(folder).filter(isOld)) rmSync(join(folder, name));
}

/** Gives the Markdown. */
function writeTable(folder: string, table: Table): string {
  const markdown = renderMarkdown(table);
  writeFileAtomic.sync(join(folder, `${table.id}.csv`), renderCsv(table));
  writeFileAtomic.sync(join(folder, `${table.id}.md`), markdown);
  writeFileAtomic.sync(join(folder, `${table.id}.tex`), renderLatex(table));
  return markdown;
}
