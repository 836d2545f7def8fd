import { join, parse, resolve } from 'node:path';
import { type UnfitError, UsageError } from '../../engine/errors.js';
import { duration, percent } from '../../engine/quantities.js';
import { visible } from '../../engine/visible.js';
import {
  commandLine,
  type Options,
  budgetNote,
  type Catalog,
  type Cell,
  cellTitle,
  folderHash,
  planCells,
  uniqueCells,
  fetched,
  Forecast,
  grids,
  warnOfModels,
  sayOverlaps,
  planOf,
  planText,
} from '../plan/index.js';
import { recordOf, seedLogOf } from './cell-record.js';
import { isTrained } from '../../records/trained.js';
import { machineInfo, versionInfo, type CellRecord, RECORD_VERSION } from '../../records/index.js';
import { oneLine } from '../../engine/visible.js';
import { shellQuoted, complaintOf, type Output, type Reply, runProgram, type Signals, underSignals } from '../../command-line/index.js';
import { type Outcome, runPool } from './pool.js';
import { createDisplay, noDisplay, type Terminal } from './progress.js';
import {
  checkpointPlaceOf,
  hasWeightsOf,
  keepAside,
  openRunFolder,
  recordsIn,
  rememberRequest,
  removeCheckpoint,
  removeSeedLog,
  removeWeights,
  weightsFolder,
  writeJson,
  writeRecord,
  writeSeedLog,
} from './run-folder.js';
import { isOwnCode } from '../../own-code/index.js';
import { ownCodeOptions } from './own-files.js';
import { requestsOf } from './requests.js';
import { isTrainedWith, type Standing, standingOf } from './standing.js';

/** What the runner works with; tests hand it others. */
export interface Parts extends Output {
  readonly catalog: Catalog;
  /** What a plan works with where that is more. */
  readonly planningCatalog?: Catalog;
  /** The script that runs one cell. */
  readonly workerPath: string;
  /** npm package that computes. */
  readonly backend: string;
  /** Writes the reports of a run folder and returns what to say of them. */
  report(folder: string): Promise<Reported>;
  readonly stderr: Terminal;
}

/** What a report comes to, for people and for programs. */
export interface Reported {
  readonly text: string;
  readonly data: unknown;
}

/** The parts with what the command line asks for all cells: the way to answer, and whether trained weights are kept. */
export type RunParts = Parts & { readonly reply: Reply; readonly saves?: boolean };

/** Does what the command line asks; returns the process's exit code. */
export function runBench(argv: readonly string[], parts: Parts): Promise<number> {
  const { optimizers, schemes, tasks, models } = parts.catalog;
  const names = { Grids: Object.keys(grids), Optimizers: optimizers, Schemes: schemes, Tasks: tasks, Models: models };
  return runProgram({ ...commandLine, names }, argv, parts, (options, files, reply) => {
    const plan = options.plan === true || reply.dryRun;
    const catalog = plan ? (parts.planningCatalog ?? parts.catalog) : parts.catalog;
    return benchWith({ ...options, plan }, files, { ...parts, catalog, reply });
  });
}

async function benchWith(options: Options, files: readonly string[], given: RunParts): Promise<number> {
  const requests = requestsOf(options, files);
  const saves = requests.some(({ save }) => save);
  const parts = { ...given, saves };
  const cells = await fittingCells(requests, parts);
  if (cells.length === 0) {
    parts.stderr.write(`--shard ${requests.map(({ shard }) => shard).join()}: none of the cells falls in this part\n`);
    return 0;
  }
  if (saves && !cells.some(({ settings }) => isTrained(settings)))
    throw new UsageError('--save: nothing is trained in this run: leave it out');
  const jobs = requests.at(-1)?.jobs ?? 1;
  const name = options.grid ?? (files[0] === undefined ? 'run' : parse(files[0]).name);
  const folder = options.out ?? join('results', `${name}-${shortHash(cells)}`);
  const standing = standingIn(folder, cells, options.retry === true, parts);
  if (options.plan) {
    standing.problems.forEach((problem) => parts.stderr.write(`${problem}\n`));
    const plan = await planOf(cells, standing.isDone, jobs, parts.catalog);
    parts.reply.result(planText(plan), plan);
    return 0;
  }
  const release = openRunFolder(folder);
  try {
    requests.forEach((request) => rememberRequest(folder, request));
    writeJson(join(folder, 'environment.json'), { machine: machineInfo(), versions: versionInfo(parts.backend) });
    return await runAndReport(folder, cells, standing, jobs, parts, againOf(folder, cells, parts.calledAs));
  } finally {
    release();
  }
}

/** The cells of all requests; says which combinations cannot be. @throws UnfitError where none can. */
async function fittingCells(requests: readonly Options[], { catalog, stderr }: Parts): Promise<Cell[]> {
  const unfit = new Map<string, UnfitError>();
  const leaveOut = (reason: UnfitError) => void unfit.set(reason.message, reason);
  const planned = await Promise.all(requests.map(async (request) => shardOf(await planCells(request, catalog, leaveOut), request.shard)));
  const notes = await Promise.all(requests.map((request, index) => budgetNoteOf(request, planned[index] ?? [], catalog)));
  for (const note of new Set(notes)) if (note !== undefined) stderr.write(`${note}\n`);
  const cells = uniqueCells(planned.flat());
  const [first] = unfit.values();
  if (cells.length === 0 && first) throw first;
  for (const reason of unfit.keys()) stderr.write(`left out: ${visible(reason)}\n`);
  warnOfModels(cells, stderr);
  await sayOverlaps(cells, catalog, stderr);
  return cells;
}

/**
 * The part of the cells that one of several machines runs. A cell's id decides, so that the parts are the same wherever they are planned,
 * and a cell that several requests ask for is in one of them.
 * @throws UsageError
 */
function shardOf(cells: readonly Cell[], shard: string | undefined): readonly Cell[] {
  if (shard === undefined) return cells;
  const [part = 1, parts = 1] = shard.split('/').map(Number);
  if (part > parts) throw new UsageError(`--shard ${shard}: there are ${parts} parts`);
  return cells.filter(({ id }) => parseInt(id.slice(1, 9), 16) % parts === part - 1);
}

/** A line on what the only budget that is given means for the other optimizers; undefined where there is nothing to say. */
export const budgetNoteOf = (asked: Options, cells: readonly Cell[], catalog: Catalog): Promise<string | undefined> =>
  budgetNote(asked, cells, async (optimizer) => (await catalog.resolveOptimizer(optimizer)).order);

/** A file of the user's own has to be given again: no data file has code run. */
function againOf(folder: string, cells: readonly Cell[], program: string = commandLine.scriptName): Again {
  const own = ownCodeOptions.flatMap((what) => {
    const files = [...new Set(cells.flatMap(({ places }) => places[what] ?? []))].filter(isOwnCode);
    return files.length > 0 ? [`--${what} ${files.map(shellQuoted).join(',')}`] : [];
  });
  const rest = [...own, `--out ${shellQuoted(folder)}`].join(' ');
  return { goOn: `${program} --resume ${rest}`, retry: `${program} --resume --retry ${rest}` };
}

function shortHash(cells: readonly Cell[]): string {
  const ids = cells.map((cell) => cell.id).sort();
  return folderHash(ids.join());
}

/** Which of the cells a run folder has a record of that stands; says what has changed since, and what cannot be looked at. */
export function standingIn(
  folder: string,
  cells: readonly Cell[],
  retry: boolean,
  { stderr, saves }: { readonly stderr: Pick<Terminal, 'write'>; readonly saves?: boolean },
) {
  const { records, problems } = recordsIn(folder);
  const standing = standingOf(cells, records, retry, ({ id }) => saves !== true || hasWeightsOf(folder, id));
  standing.notes.forEach((note) => stderr.write(`${note}\n`));
  return { ...standing, problems };
}

/** What to say for running the open cells of a run, and for running those again that did not complete. */
export interface Again {
  readonly goOn: string;
  readonly retry: string;
}

/** Runs the cells that are not done, has the report written and says what failed; returns the process's exit code. */
export async function runAndReport(
  folder: string,
  cells: readonly Cell[],
  { isDone }: Pick<Standing, 'isDone'>,
  jobs: number,
  parts: RunParts,
  again: Again,
): Promise<number> {
  const open = cells.filter((cell) => !isDone(cell));
  const kept = cells.length - open.length;
  parts.reply.progress(`${visible(folder)}: ${cells.length} cells, ${kept} of them there already`);
  const ready = await fetched(open, parts.catalog, parts.stderr);
  const stoppedBy = await underSignals((signals) => runCells(folder, ready, cells.length, jobs, parts, signals));
  const { records: written } = recordsIn(folder);
  const records = cells.map((cell) => written.get(cell.id));
  const hasRecords = records.some((record) => record !== undefined);
  const isReported = !hasRecords || (await guardedReport(async () => sayReport(await parts.report(folder), parts.reply), parts.stderr));
  if (stoppedBy !== undefined) {
    const missing = records.filter((record) => !record).length;
    parts.stderr.write(`stopped with ${missing} of ${cells.length} cells left; to go on: ${again.goOn}\n`);
    return stoppedBy;
  }
  const unkept = parts.saves ? sayUnkept(folder, records, parts) : 0;
  return Math.max(sayWhatFailed(records, again, parts), unkept, isReported ? 0 : 1);
}

const sayReport = ({ text, data }: Reported, reply: Reply): void => reply.result(text, data);

/** Whether the report could be made. One that cannot costs no result: the records are there. */
export async function guardedReport(report: () => Promise<unknown>, stderr: Parts['stderr']): Promise<boolean> {
  try {
    await report();
    return true;
  } catch (error) {
    const reason = complaintOf(error) ?? (error instanceof Error ? error.message : String(error));
    stderr.write(`the records are written, but the report failed: ${oneLine(reason)}\n`);
    return false;
  }
}

function sayUnkept(folder: string, records: readonly (CellRecord | undefined)[], { stderr }: Parts): number {
  const unkept = records.filter((record) => record && isTrainedWith(record) && !hasWeightsOf(folder, record.cell));
  for (const record of unkept) {
    if (record) stderr.write(`${cellTitle(record.settings)}: ${record.warnings?.at(-1) ?? 'the weights are not kept'}\n`);
  }
  return unkept.length > 0 ? 1 : 0;
}

function sayWhatFailed(records: readonly (CellRecord | undefined)[], again: Again, parts: Parts): number {
  const ended = records.filter((record) => record && record.state !== 'completed');
  if (ended.length === 0) return 0;
  parts.stderr.write(`${ended.length} of ${records.length} cells did not complete:\n`);
  for (const record of ended) {
    if (record && record.state !== 'completed') {
      parts.stderr.write(`  ${record.state}  ${cellTitle(record.settings)}: ${record.reason}\n`);
    }
  }
  parts.stderr.write(`to run them again: ${again.retry}\n`);
  return 1;
}

/** Runs the cells and writes their records; returns the exit code of a signal that stopped it. */
export async function runCells(
  folder: string,
  open: readonly Cell[],
  total: number,
  jobs: number,
  parts: Pick<RunParts, 'catalog' | 'workerPath' | 'backend' | 'stderr' | 'reply' | 'saves'>,
  signals: Signals,
): Promise<number | undefined> {
  open.forEach(({ id }) => keepAside(folder, id, (line) => parts.stderr.write(`${line}\n`)));
  const forecast = await Forecast.of(open, jobs, parts.catalog);
  const display = parts.reply.quiet ? noDisplay : createDisplay(parts.stderr, total, total - open.length, forecast);
  const common = { recordVersion: RECORD_VERSION, machine: machineInfo(), versions: versionInfo(parts.backend) } as const;
  const events = {
    started: (cell: Cell) => {
      forecast.started(cell);
      display.started(cell);
    },
    progressed: display.progressed.bind(display),
    ended: (cell: Cell, outcome: Outcome) => {
      const record = recordOf(cell, outcome, common);
      const log = record.state === 'completed' ? seedLogOf(cell, outcome, common) : null;
      if (log) writeSeedLog(folder, log);
      else removeSeedLog(folder, cell.id);
      if (!parts.saves || record.state !== 'completed') removeWeights(folder, cell.id);
      writeRecord(folder, record);
      // One that was killed or ran out of time goes on from there where it runs again.
      if (record.state === 'completed' || record.state === 'diverged') removeCheckpoint(folder, cell.id);
      forecast.ended(cell, record.state === 'completed');
      display.ended(cell, endLine(record));
    },
  };
  try {
    const checkpointOf = (cell: Cell) => checkpointPlaceOf(folder, cell, common.versions);
    const weightsOf = ({ id }: Cell): string => weightsFolder(resolve(folder), id);
    const options = { jobs, workerPath: parts.workerPath, checkpointOf, ...(parts.saves && { weightsOf }) };
    await runPool(open, options, events, signals.abort);
    return await signals.exitCode();
  } finally {
    display.close();
  }
}

function endLine(record: CellRecord): string {
  const took = duration(record.seconds);
  if (record.state !== 'completed') return `${record.state} after ${took}: ${record.reason}`;
  return `completed in ${took}, test ${record.metric === 'f1' ? 'F1' : 'accuracy'} ${percent(record.final.test.score)} %`;
}
