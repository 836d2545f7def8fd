import { visible } from '../../engine/visible.js';
import type { Cell } from './cell.js';

type Stderr = Pick<NodeJS.WritableStream, 'write'>;

/** Says, once for each model, what its configuration holds that nobody here knows: the cells' records say it too. */
export const warnOfModels = (cells: readonly Cell[], stderr: Stderr): void =>
  sayWarnings(
    cells.flatMap(({ warnings = [] }) => warnings),
    stderr,
  );

/** A line for each warning, once. */
export function sayWarnings(warnings: readonly string[], stderr: Stderr): void {
  for (const warning of new Set(warnings)) stderr.write(`warning: ${visible(warning)}\n`);
}
