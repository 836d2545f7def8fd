import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, expect } from '@jest/globals';
import fc from 'fast-check';
import { runCell } from '../../cell/run-cell.js';
import { runReplay } from '../../studies/replay/run.js';
import { SEED_LOG_VERSION, type SeedLog } from '../../training/seed-log.js';
import { cellId } from '../../records/cell-id.js';
import { readRecords } from '../../records/read.js';
import { settings as base } from '../benchmarks/fixtures/settings.js';
import { completedRecord, endedRecord } from '../reports/fake-records.js';
import { expectLine, fuzz, quickAnswerTo } from '../support/fuzz.js';
import { editJsonFile, jsonFileEdits } from '../support/mutations.js';
import { writeTinyCheckpoint } from '../support/tiny-checkpoint.js';

// What a run leaves behind, changed: read, or named in a line. A seed log that is replayed gives the run's parameters or nothing.

const folder = mkdtempSync(join(tmpdir(), 'zobench-fuzz-'));
afterAll(() => rmSync(folder, { recursive: true }));

const records = [completedRecord(), endedRecord()];
mkdirSync(join(folder, 'records'));

fuzz('records', fc.tuple(fc.constantFrom(...records), jsonFileEdits), 800, async ([record, edits]) => {
  const file = join(folder, 'records', `${record.cell}.json`);
  writeFileSync(file, editJsonFile(record, edits));
  const read = await quickAnswerTo(() => readRecords(folder));
  rmSync(file);
  expect([read?.records.length, read?.problems.length].sort()).toEqual([0, 1]);
  for (const problem of read?.problems ?? []) expectLine(problem);
  for (const { cell, settings } of read?.records ?? []) expect(cell).toBe(cellId(settings));
  return read?.records.length === 1;
});

let log: SeedLog;
beforeAll(async () => {
  const model = join(folder, 'tiny');
  writeTinyCheckpoint(model);
  const settings = { ...base, model, steps: 4, evaluateEvery: 2, batchSize: 4, trainSize: 16, devSize: 8, testSize: 4, learningRate: 1e-2 };
  const { loggedSteps } = await runCell(settings, () => undefined);
  if (!loggedSteps) throw new Error('the cell has no log');
  const versions = { zobench: '0.1.0', node: '20.0.0', backend: 'none 0', commit: null };
  log = { seedLogVersion: SEED_LOG_VERSION, cell: cellId(settings), settings, places: {}, versions, ...loggedSteps };
});

let replays = 0;
fuzz('seed logs', jsonFileEdits, 100, async (edits) => {
  const [file, out] = [join(folder, 'log.json'), join(folder, `replayed-${replays++}`)];
  writeFileSync(file, editJsonFile(log, edits));
  const stderr = new PassThrough({ encoding: 'utf8' });
  const code = await runReplay([file, '--out', out], { stdout: new PassThrough(), stderr });
  const said = (stderr.read() as string | null) ?? '';
  expect(code).toBe(said === '' ? 0 : 2);
  if (said !== '') expectLine(said.trimEnd());
  expect(existsSync(join(out, 'model.safetensors'))).toBe(code === 0);
  if (code === 0) expect(JSON.parse(readFileSync(file, 'utf8'))).toHaveProperty('parametersSha256', log.parametersSha256);
  return code === 0;
});
