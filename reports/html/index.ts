import { readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { writeFileWhole } from '../../engine/index.js';
import { renderPage, type PageInput } from './page.js';

export { comparisonSection, type ComparedOnPage } from './comparison.js';
export type { Finding } from './sections.js';

/**
 * Writes `report.html` into a run folder: one file that needs no other and loads nothing.
 * @throws Error where the page's script was not built.
 */
export function writePage(folder: string, input: Omit<PageInput, 'name'>): void {
  const page = renderPage({ name: basename(resolve(folder)), ...input }, { script: built('main.js'), style: built('main.css') });
  writeFileWhole(join(folder, 'report.html'), page);
}

function built(file: string): string {
  const path = new URL(`built/${file}`, import.meta.url);
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new Error(`${path.pathname}: not there; run npm run build:page`, { cause });
  }
}
