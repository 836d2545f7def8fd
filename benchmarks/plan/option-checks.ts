import { statSync } from 'node:fs';
import { UsageError } from '../../engine/errors.js';
import { meantPath } from '../../engine/near-path.js';
import { isTrained } from '../../records/trained.js';
import type { Options } from './arguments.js';
import type { Cell } from './cell.js';
import type { OptimizerTraits } from '../../optimizers/index.js';

// What the options of a run must be beside each other and beside what they name. All throw UsageError.

/** Beside others, an optimizer that takes no finite difference may stand; its cell has none. */
export function requireEpsilonUsed({ epsilon }: Options, cells: readonly Pick<Cell, 'settings'>[]): void {
  const trained = cells.filter(({ settings }) => isTrained(settings));
  if (epsilon === undefined || trained.length === 0 || trained.some(({ settings }) => settings.epsilon !== null)) return;
  throw new UsageError('no optimizer of this run uses --epsilon: leave it out');
}

/** More are a slip of the hand: even to plan them takes minutes. */
const MOST_CELLS = 100_000;

/** @param axes what each axis of the run has, seeds aside */
export function checkCount(seeds: number, axes: Readonly<Record<string, readonly string[]>>): void {
  const crosses = Object.values(axes).reduce((product, names) => product * names.length, 1);
  if (crosses * seeds <= MOST_CELLS) return;
  throw new UsageError(`--seeds ${seeds}: with ${crosses} crosses that is more than the ${MOST_CELLS} cells that a run may have`);
}

export function checkData(data: string | undefined): void {
  if (data === undefined || data === 'bundled') return;
  if (statSync(data, { throwIfNoEntry: false })?.isDirectory()) return;
  throw new UsageError(`--data ${data}: no such folder${meantPath(data) || " (give bundled, or a folder with the tasks' files)"}`);
}

export function checkObjective(objective: Options['objective'], { id, order, cost }: OptimizerTraits): void {
  if (objective === undefined || objective === 'cross-entropy') return;
  if (order === 'zeroth' && cost.backwards === 0) return;
  throw new UsageError(`--objective ${objective} has no derivative, which ${id} needs: give zeroth-order optimizers with --optimizer`);
}
