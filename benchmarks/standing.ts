import type { CellRecord } from '../reports/index.js';
import type { Cell } from './cells.js';
import { changedInputs, isUnrecorded } from './inputs.js';

/** Which cells of a run have a record that stands, and why others that have one run again. */
export interface Standing {
  readonly isDone: (cell: Cell) => boolean;
  /** A line for each input that is not as it was. */
  readonly changes: readonly string[];
}

const UNRECORDED = 'records of an earlier version do not say what their cells were made of';

/** @param retry whether cells that did not complete run again too. */
export function standingOf(cells: readonly Cell[], records: ReadonlyMap<string, CellRecord>, retry: boolean): Standing {
  const done = new Set<string>();
  const counts = new Map<string, number>();
  for (const cell of cells) {
    const record = records.get(cell.id);
    if (!record) continue;
    const reasons = reasonsToRunAgain(cell, record);
    reasons.forEach((reason) => counts.set(reason, (counts.get(reason) ?? 0) + 1));
    if (reasons.length === 0 && (record.state === 'completed' || !retry)) done.add(cell.id);
  }
  const changes = [...counts].map(([reason, count]) => `${count === 1 ? '1 cell runs' : `${count} cells run`} again: ${reason}`);
  return { isDone: ({ id }) => done.has(id), changes };
}

function reasonsToRunAgain({ settings, inputs }: Cell, record: CellRecord): string[] {
  const changed = changedInputs(settings, inputs, record.inputs).map((input) => `${input} has changed`);
  return isUnrecorded(inputs, record.inputs) ? [...changed, UNRECORDED] : changed;
}
