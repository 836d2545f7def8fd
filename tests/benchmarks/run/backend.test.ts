import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { readRecords, type CompletedRecord } from '../../../records/index.js';

const root = mkdtempSync(path.join(tmpdir(), 'backend-'));
afterAll(() => rmSync(root, { recursive: true }));

const SMALL = ['--model', 'opt-mini', '--task', 'sst2', '--optimizer', 'zo-sgd', '--scheme', 'full', '--seeds', '1', '--threads', '1'];
const SIZES = ['--steps', '2', '--train-size', '16', '--dev-size', '8', '--test-size', '16'];

function run(backend: string) {
  const out = path.join(root, backend.replace(':', '-'));
  const argv = ['run', ...SMALL, ...SIZES, '--backend', backend, '--out', out, '--quiet'];
  const { status } = spawnSync(process.execPath, ['--import', 'tsx', 'commands/zobench.ts', ...argv], { encoding: 'utf8' });
  const [record] = readRecords(out).records;
  return { status, record };
}

const losses = (record: CompletedRecord): number[] => record.curve.map(({ loss }) => loss);

test('a cell on another backend has the losses of the CPU, another id, and says what ran it', () => {
  const [cpu, wasm] = [run('cpu'), run('tfjs:wasm')];
  expect([cpu.status, wasm.status]).toEqual([0, 0]);
  if (cpu.record?.state !== 'completed' || wasm.record?.state !== 'completed') throw new Error('not completed');
  losses(wasm.record).forEach((loss, step) => expect(loss).toBeCloseTo(losses(cpu.record as CompletedRecord)[step] ?? NaN, 4));
  expect(wasm.record.cell).not.toBe(cpu.record.cell);
  expect('backend' in cpu.record.settings || 'backend' in cpu.record).toBe(false);
  expect([wasm.record.settings.backend, wasm.record.backend]).toEqual(['tfjs:wasm', expect.stringMatching(/^tfjs-wasm \d/)]);
});

test('a backend that is not there fails its cell with what to install', () => {
  const { status, record } = run('tfjs:node-gpu');
  expect(status).toBe(1);
  expect(record?.state === 'failed' && record.reason).toContain(
    'TensorFlow.js with node-gpu is not installed: npm install @tensorflow/tfjs-node-gpu',
  );
});
