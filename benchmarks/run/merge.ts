import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { copyWhole, InputError } from '../../engine/index.js';
import { makeFolder } from '../../engine/make-folder.js';
import { readRecords, type CellRecord, type Inputs } from '../../records/index.js';
import { openRunFolder, readRequests, recordsIn, rememberRequest, seedLogFile, writeRecord } from './run-folder.js';

interface Placed {
  readonly folder: string;
  readonly record: CellRecord;
}

/**
 * Brings the records of run folders, and their seed logs, into one folder: the shards of a run, or runs to be looked at together. Its
 * run.json asks for what all of them did, so that it can be gone on with. What the folder holds already stays.
 * @returns a line for each cell that folders disagree on, and for each file that is no record.
 * @throws InputError where nothing is there to merge; UsageError where one is no run folder.
 */
export function mergeRuns(folders: readonly string[], out: string): string[] {
  const read = folders.map((folder) => ({ folder, ...readRecords(folder) }));
  const found = read.flatMap(({ folder, records }) => records.map((record) => ({ folder, record })));
  if (found.length === 0) throw new InputError(`${folders.join(', ')}: no readable record to merge`);
  const release = openRunFolder(out);
  try {
    const already = [...recordsIn(out).records.values()].map((record) => ({ folder: out, record }));
    const byCell = new Map<string, Placed[]>();
    for (const placed of [...already, ...found]) byCell.set(placed.record.cell, [...(byCell.get(placed.record.cell) ?? []), placed]);
    const notes = [...byCell.values()].flatMap((several) => keepOne(several, out));
    for (const request of folders.flatMap(readRequests)) rememberRequest(out, { ...request, shard: undefined });
    return [...read.flatMap(({ folder, problems }) => problems.map((problem) => join(folder, problem))), ...notes];
  } finally {
    release();
  }
}

/** Of several records of a cell the first that completed, else the first; says so where others are of other files. */
function keepOne(several: readonly Placed[], out: string): string[] {
  const completed = several.filter(({ record }) => record.state === 'completed');
  const kept = completed[0] ?? several[0];
  if (!kept) return [];
  copyTo(out, kept);
  const others = completed.filter(({ record }) => disagree(record.inputs, kept.record.inputs));
  return others.map(({ folder }) => `${kept.record.cell}: ${folder} made it of other files than ${kept.folder}, whose record is kept`);
}

/** Whether two records say other things of what they were made of; what one does not say is no disagreement. */
const disagree = (one: Inputs, other: Inputs): boolean =>
  (Object.keys(one) as (keyof Inputs)[]).some((input) => other[input] !== undefined && !isDeepStrictEqual(one[input], other[input]));

function copyTo(out: string, { folder, record }: Placed): void {
  if (folder === out) return;
  writeRecord(out, record);
  const [from, to] = [join(folder, seedLogFile(record.cell)), join(out, seedLogFile(record.cell))] as const;
  if (!existsSync(from)) return;
  makeFolder(dirname(to));
  copyWhole(from, to);
}
