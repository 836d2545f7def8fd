import { recordedInputs, type CellRecord } from '../../records/index.js';
import type { Cell } from '../plan/index.js';
import { isTrained } from '../../records/trained.js';
import { absentInputs, changedInputs, isUnrecorded } from '../../cell/index.js';

/** Which cells of a run have a record that stands. */
export interface Standing {
  readonly isDone: (cell: Cell) => boolean;
  /** Lines that say which inputs are not as they were, so that cells run again, and which could not be looked at. */
  readonly notes: readonly string[];
}

const WITHOUT_WEIGHTS = 'its weights were not kept';

/** Whether a cell has come to something that it trained. */
export const isTrainedWith = ({ state, settings }: CellRecord): boolean => state === 'completed' && isTrained(settings);

/** Written by an earlier version, or of a cell whose files changed while it ran. */
const UNRECORDED = 'the record does not say what the cell was made of';

/**
 * @param retry whether cells that did not complete run again too.
 * @param hasWeights whether a cell's trained weights are there, where they are wanted.
 */
export function standingOf(
  cells: readonly Cell[],
  records: ReadonlyMap<string, CellRecord>,
  retry: boolean,
  hasWeights: (cell: Cell) => boolean = () => true,
): Standing {
  const done = new Set<string>();
  const counts = new Map<string, number>();
  const absent = new Set<string>();
  for (const cell of cells) {
    const record = records.get(cell.id);
    if (!record) continue;
    const reasons = reasonsToRunAgain(cell, record);
    if (isTrainedWith(record) && !hasWeights(cell)) reasons.push(WITHOUT_WEIGHTS);
    reasons.forEach((reason) => counts.set(reason, (counts.get(reason) ?? 0) + 1));
    if (reasons.length > 0 || (record.state !== 'completed' && retry)) continue;
    done.add(cell.id);
    absentInputs(cell.settings, cell.inputs, record.inputs).forEach((input) => absent.add(input));
  }
  return { isDone: ({ id }) => done.has(id), notes: [...changeLines(counts), ...absentLine(absent)] };
}

const changeLines = (counts: ReadonlyMap<string, number>): string[] =>
  [...counts].map(([reason, count]) => `${count === 1 ? '1 cell runs' : `${count} cells run`} again: ${reason}`);

const absentLine = (absent: ReadonlySet<string>): string[] =>
  absent.size > 0 ? [`not on this machine, so taken to be as recorded: ${[...absent].join(', ')}`] : [];

function reasonsToRunAgain({ settings, inputs }: Cell, record: CellRecord): string[] {
  const changed = changedInputs(settings, inputs, recordedInputs(record)).map((input) => `${input} has changed`);
  return isUnrecorded(inputs, record.inputs) ? [...changed, UNRECORDED] : changed;
}
