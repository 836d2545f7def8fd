import { firstIssue } from '../../engine/errors.js';
import { type CellRecord, type EndedRecord, recordSchema } from '../../records/index.js';
import type { Cell } from '../plan/index.js';
import { changedInputs } from '../../cell/index.js';
import { oneLine } from '../../engine/visible.js';
import type { Outcome } from './pool.js';
import { seedLogFile } from './run-folder.js';
import { SEED_LOG_VERSION, type SeedLog } from '../../training/index.js';

/** What all records of a run share. */
export type Common = Pick<CellRecord, 'recordVersion' | 'machine' | 'versions'>;
type Head = Omit<EndedRecord, 'state' | 'reason' | 'curve' | 'devCurve'>;

/** The log of a cell that has one. */
export function seedLogOf({ id, settings, places }: Cell, outcome: Outcome, { versions }: Common): SeedLog | null {
  if (outcome.state !== 'completed' || !outcome.loggedSteps) return null;
  return { seedLogVersion: SEED_LOG_VERSION, cell: id, settings, places, versions, ...outcome.loggedSteps };
}

/** What is written of a cell: as its process says, where that can be what a run comes to. */
export function recordOf(cell: Cell, outcome: Outcome, common: Common): CellRecord {
  const { startedAt, seconds } = outcome;
  const { id, settings, places, inputs, warnings } = cell;
  const head = { ...common, cell: id, settings, places, startedAt, seconds };
  const planned = { inputs, ...(warnings && { warnings: [...warnings] }) };
  if (outcome.state !== 'completed') return endedRecord({ ...head, ...planned }, outcome);
  const seedLog = outcome.loggedSteps && seedLogFile(id);
  const parsed = recordSchema.safeParse({ ...planned, ...(outcome.body as object), ...head, state: 'completed', seedLog });
  if (!parsed.success) {
    const reason = `the cell's result is not a valid record: ${firstIssue(parsed.error)}`;
    return endedRecord({ ...head, ...planned }, { ...outcome, state: 'failed', reason: oneLine(reason) });
  }
  const changed = changedInputs(settings, inputs, parsed.data.inputs);
  if (changed.length === 0) return parsed.data;
  // Without inputs the record does not stand: the cell runs again.
  const reason = `changed after the run was planned: ${changed.join(', ')}`;
  return endedRecord({ ...head, ...planned, inputs: {} }, { ...outcome, state: 'failed', reason });
}

function endedRecord(
  head: Head,
  { state, reason, ...told }: Pick<EndedRecord, 'state' | 'reason'> & Pick<Outcome, 'curve' | 'devCurve'>,
): EndedRecord {
  // JSON knows no NaN: what made a run diverge is in its reason.
  const curve = told.curve.filter(({ loss }) => Number.isFinite(loss));
  const devCurve = told.devCurve.filter(({ score }) => Number.isFinite(score));
  const record = { ...head, state, reason, curve, devCurve };
  return recordSchema.safeParse(record).success ? record : { ...record, curve: [], devCurve: [] };
}
