import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { readRecords, type CompletedRecord } from '../../../records/index.js';

const root = mkdtempSync(path.join(tmpdir(), 'backend-'));
afterAll(() => rmSync(root, { recursive: true }));

const SMALL = ['--model', 'opt-mini', '--task', 'sst2', '--optimizer', 'zo-sgd', '--scheme', 'full', '--seeds', '1', '--threads', '1'];
const SIZES = ['--steps', '2', '--batch-size', '4', '--train-size', '8', '--dev-size', '4', '--test-size', '4'];

const zobench = (...argv: string[]) =>
  spawnSync(process.execPath, ['--import', 'tsx', 'commands/zobench.ts', ...argv], { encoding: 'utf8' });

function run(backend: string) {
  const out = path.join(root, backend.replace(':', '-'));
  const { status } = zobench('run', ...SMALL, ...SIZES, '--backend', backend, '--out', out, '--quiet');
  const [record] = readRecords(out).records;
  return { status, record, out };
}

const losses = (record: CompletedRecord): number[] => record.curve.map(({ loss }) => loss);

test('a cell on another backend has the losses of the CPU, another id, says what ran it, and its seed log replays', () => {
  const [cpu, wasm] = [run('cpu'), run('tfjs:wasm')];
  expect([cpu.status, wasm.status]).toEqual([0, 0]);
  if (cpu.record?.state !== 'completed' || wasm.record?.state !== 'completed') throw new Error('not completed');
  losses(wasm.record).forEach((loss, step) => expect(loss).toBeCloseTo(losses(cpu.record as CompletedRecord)[step] ?? NaN, 4));
  expect(wasm.record.cell).not.toBe(cpu.record.cell);
  expect('backend' in cpu.record.settings || 'backend' in cpu.record).toBe(false);
  expect([wasm.record.settings.backend, wasm.record.backend]).toEqual(['tfjs:wasm', expect.stringMatching(/^tfjs-wasm \d/)]);
  const replayed = zobench('replay', path.join(wasm.out, wasm.record.seedLog ?? ''), '--out', path.join(root, 'replayed'));
  expect([replayed.status, replayed.stdout]).toEqual([0, expect.stringContaining('every parameter as it was, bit for bit')]);
}, 180_000);

test('a backend that is not there fails its cell with what to install', () => {
  const { status, record } = run('tfjs:node-gpu');
  expect(status).toBe(1);
  expect(record?.state === 'failed' && record.reason).toContain(
    'TensorFlow.js with node-gpu is not installed: npm install @tensorflow/tfjs-node-gpu',
  );
});
