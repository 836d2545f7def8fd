import { located, type Catalog, type Cell } from './cells.js';
import type { Output } from './program.js';

/** Says, once for each model, what its configuration holds that nobody here knows: the cells' records say it too. */
export async function warnOfModels(cells: readonly Cell[], catalog: Catalog, stderr: Output['stderr']): Promise<void> {
  const warnings = new Set<string>();
  for (const { model, scheme } of cells.map(located)) {
    const size = await catalog.modelSize(model, scheme);
    size.warnings.forEach((warning) => warnings.add(warning));
  }
  for (const warning of warnings) stderr.write(`warning: ${warning}\n`);
}
