import { createHash } from 'node:crypto';
import { existsSync, linkSync, renameSync, rmdirSync, rmSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { makeFolder } from '../../engine/make-folder.js';
import { z } from 'zod';
import {
  firstIssue,
  InputError,
  isRunning,
  ownedName,
  readText,
  removeLeftovers,
  requireTemporaryFolder,
  thisProcess,
  UsageError,
  writeFileWhole,
} from '../../engine/index.js';
import type { CheckpointPlace } from '../../cell/index.js';
import { type Cell, type Options, optionsSchema } from '../plan/index.js';
import { type CellRecord, PACKED_RECORDS, readRecordFile, readRecords, recordSchema } from '../../records/index.js';
import type { SeedLog } from '../../training/index.js';

const RUN_VERSION = 1;

const runFile = z.object({ runVersion: z.literal(RUN_VERSION), requests: z.array(optionsSchema) });

const RUN_FILE = 'run.json';
const LOCK_FILE = 'run.lock';
const RECORDS = 'records';
/** What no record could be read from. */
const DAMAGED = 'damaged';
const SEED_LOGS = 'seed-logs';
/** How far the cells are that run, or were stopped. */
const CHECKPOINTS = 'checkpoints';
const WEIGHTS = 'models';

/**
 * The options this folder's runs were started with, each once, oldest first; empty for a folder without runs.
 * @throws InputError where run.json is not what zobench wrote.
 */
export function readRequests(folder: string): Options[] {
  const file = join(folder, RUN_FILE);
  const text = readIfThere(file);
  if (text === undefined) return [];
  const parsed = runFile.safeParse(jsonIn(text));
  if (parsed.success) return parsed.data.requests;
  throw new InputError(`${file}: ${firstIssue(parsed.error)}: give another --out, or move this file away`);
}

/** Adds options to run.json, unless they are there already. */
export function rememberRequest(folder: string, options: Options): void {
  const requests = readRequests(folder);
  const same = (other: Options) => JSON.stringify(other) === JSON.stringify(options);
  if (requests.some(same)) return;
  writeJson(join(folder, RUN_FILE), { runVersion: RUN_VERSION, requests: [...requests, options] });
}

/**
 * The records of a folder by their cells, also of a run that was packed, and a line for each file that is none; empty for a folder
 * without any.
 */
export function recordsIn(folder: string): { records: ReadonlyMap<string, CellRecord>; problems: readonly string[] } {
  const hasRecords = [RECORDS, PACKED_RECORDS].some((name) => existsSync(join(folder, name)));
  const { records, problems } = hasRecords ? readRecords(folder) : { records: [], problems: [] };
  return { records: new Map(records.map((record) => [record.cell, record])), problems };
}

/** Moves a file that is no record of its cell out of the way of the one to be written, and says so. */
export function keepAside(folder: string, cell: string, say: (line: string) => void): void {
  const file = recordFile(folder, cell);
  if (!existsSync(file)) return;
  const one = readRecordFile(file);
  if ('record' in one) return;
  const aside = freeName(join(folder, DAMAGED, `${cell}.json`));
  makeFolder(join(folder, DAMAGED));
  renameSync(file, aside);
  say(`${file}: ${one.problem}: kept as ${aside}, its cell runs again`);
}

/** The name itself, or with the first number behind it that is not taken. */
function freeName(file: string): string {
  for (let number = 1, free = file; ; free = `${file}.${++number}`) if (!existsSync(free)) return free;
}

/** Replaces a cell's record in one go: a reader sees the old file or the new one, also when this process dies. */
export function writeRecord(folder: string, record: CellRecord): void {
  writeJson(recordFile(folder, record.cell), recordSchema.parse(record));
}

/** Where in the run folder a cell's seed log is. */
export const seedLogFile = (cell: string): string => `${SEED_LOGS}/${cell}.json`;

/** Writes a cell's seed log the same way. */
export function writeSeedLog(folder: string, log: SeedLog): void {
  makeFolder(join(folder, SEED_LOGS));
  writeJson(join(folder, seedLogFile(log.cell)), log);
}

/** Removes the seed log that an earlier run of a cell left, for it is none of the run's that is recorded now. */
export function removeSeedLog(folder: string, cell: string): void {
  rmSync(join(folder, seedLogFile(cell)), { force: true });
}

/** Where a cell keeps how far it is, and of what that holds: a cell made of other files, or by another version, begins anew. */
export function checkpointPlaceOf(folder: string, { id, inputs, settings }: Cell, versions: CellRecord['versions']): CheckpointPlace {
  const key = JSON.stringify([id, inputs, settings.threads, versions]);
  return { file: checkpointFile(folder, id), key: createHash('sha256').update(key).digest('hex') };
}

/** Removes what a cell that has ended does not go on from, and the folder with the last one. */
export function removeCheckpoint(folder: string, cell: string): void {
  rmSync(checkpointFile(folder, cell), { force: true });
  try {
    rmdirSync(join(folder, CHECKPOINTS));
  } catch {
    // Others' are there, or none was ever kept.
  }
}

const checkpointFile = (folder: string, cell: string): string => join(folder, CHECKPOINTS, `${cell}.json`);

/** Where in the run folder a cell's trained weights are, where they are kept. */
export const weightsFolder = (folder: string, cell: string): string => join(folder, WEIGHTS, cell);

/** Whether they are there: nothing is left of those that could not be written. */
export const hasWeightsOf = (folder: string, cell: string): boolean => existsSync(weightsFolder(folder, cell));

/** Removes the weights that an earlier run of a cell left. */
export function removeWeights(folder: string, cell: string): void {
  if (hasWeightsOf(folder, cell)) rmSync(weightsFolder(folder, cell), { recursive: true });
}

/** Writes JSON the same way, whole or not at all. */
export function writeJson(file: string, value: unknown): void {
  const text = JSON.stringify(value, null, 2);
  // A curve's point takes one line, not five.
  const points = /\{\s+("step": [^{}]*?)\s+\}/g;
  writeFileWhole(file, `${text.replace(points, (_, point: string) => `{ ${point.replace(/\s+/g, ' ')} }`)}\n`);
}

/**
 * Makes the folder and takes it for this process.
 * @returns gives it back.
 * @throws UsageError while another process works in it; InputError where it cannot be made, or none for what cells put aside.
 */
export function openRunFolder(folder: string): () => void {
  requireTemporaryFolder();
  makeFolder(join(folder, RECORDS));
  const lock = join(folder, LOCK_FILE);
  takeLock(lock, folder);
  ['', RECORDS, SEED_LOGS, CHECKPOINTS].forEach((name) => removeLeftovers(join(folder, name)));
  const release = (): void => {
    process.off('exit', release);
    rmSync(lock, { force: true });
  };
  // Also where the program ends in the middle, as by a second Ctrl-C.
  process.on('exit', release);
  return release;
}

/** A lock is written aside and then linked to under its name: whoever reads it reads it whole, and of several takers one succeeds. */
function takeLock(lock: string, folder: string): void {
  const own = join(folder, `.${ownedName('lock')}`);
  try {
    writeFileWhole(own, JSON.stringify({ ...thisProcess, host: hostname() }));
    clearAbandoned(lock, folder);
    linkSync(own, lock);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    throw new UsageError(`${folder}: another run took the folder just now: wait for it, or give another --out`);
  } finally {
    rmSync(own, { force: true });
  }
}

/** Removes the lock of a process that is gone. What is removed is looked at once more: another run may have replaced it meanwhile. */
function clearAbandoned(lock: string, folder: string): void {
  if (!existsSync(lock)) return;
  refuseIfHeld(lock, folder);
  const removed = join(folder, `.${ownedName('old-lock')}`);
  renameSync(lock, removed);
  try {
    refuseIfHeld(removed, folder);
  } catch (error) {
    linkSync(removed, lock);
    throw error;
  } finally {
    rmSync(removed, { force: true });
  }
}

function refuseIfHeld(lock: string, folder: string): void {
  const holder = lockHolder(lock);
  if (holder === undefined) return;
  const { pid, host } = holder;
  if (host === hostname()) throw new UsageError(`${folder}: process ${pid} is running in this folder: wait for it, or give another --out`);
  const minutes = Math.floor(ageMs(lock) / 60_000);
  const when = minutes < 120 ? `${minutes} min` : `${Math.floor(minutes / 60)} h`;
  throw new UsageError(
    `${folder}: process ${pid} of ${host} took this folder ${when} ago: give another --out, or where it runs no more remove ${join(folder, LOCK_FILE)}`,
  );
}

const lockFile = z.object({ pid: z.int().positive(), startTicks: z.string().nullable(), host: z.string() });

/** Of another machine or container nobody here can tell whether a process lives; beyond this age its lock is taken for abandoned. */
const ABANDONED_MS = 7 * 24 * 3600 * 1000;

/** The process that holds the lock, if it lives, or may. */
function lockHolder(lock: string): z.output<typeof lockFile> | undefined {
  const text = readIfThere(lock);
  const parsed = text === undefined ? undefined : lockFile.safeParse(jsonIn(text)).data;
  if (!parsed) return undefined;
  const lives = parsed.host === hostname() ? isRunning(parsed) : ageMs(lock) < ABANDONED_MS;
  return lives ? parsed : undefined;
}

const ageMs = (file: string): number => Date.now() - (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0);

function recordFile(folder: string, cell: string): string {
  return join(folder, RECORDS, `${cell}.json`);
}

function readIfThere(file: string): string | undefined {
  try {
    return readText(file);
  } catch {
    return undefined;
  }
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
