import { visible } from '../../engine/visible.js';
import { located, type Cell } from './cell.js';
import { type Catalog } from './catalog.js';
import type { Output } from '../../command-line/index.js';

/** Says, once for each task, that training items are left out, as test items ask the same: the cells' records say it too. */
export async function sayOverlaps(cells: readonly Cell[], catalog: Catalog, stderr: Output['stderr']): Promise<void> {
  const lines = new Set<string>();
  for (const cell of cells) {
    const settings = located(cell);
    const { kind } = await catalog.modelSize(settings.model, settings.scheme);
    const count = await catalog.overlap(settings, kind);
    if (count > 0) lines.add(`${cell.settings.task}: ${count} training items ask the same as a test item and are left out`);
  }
  for (const line of lines) stderr.write(`${visible(line)}\n`);
}
