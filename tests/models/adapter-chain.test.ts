import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { modelSize } from '../../benchmarks/plan/estimate.js';
import { runReplay } from '../../studies/replay/run.js';
import type { CompletedRecord } from '../../records/record.js';
import { writeTinyCheckpoint } from '../support/tiny-checkpoint.js';

const root = mkdtempSync(join(tmpdir(), 'zobench-chain-'));
const base = join(root, 'tiny');
beforeAll(() => writeTinyCheckpoint(base));
afterAll(() => rmSync(root, { recursive: true }));

/** Runs a cell as a user does; gives its record. */
function bench(out: string, model: string, scheme: string, ...more: string[]): CompletedRecord {
  const argv = [
    ...['--model', model, '--scheme', scheme, '--optimizer', 'zo-sgd', '--seeds', '1', '--threads', '1', '--batch-size', '8'],
    ...['--train-size', '32', '--dev-size', '40', '--test-size', '100', '--steps', '12', '--out', join(root, out), ...more],
  ];
  const { status, stderr } = spawnSync(process.execPath, ['--import', 'tsx', 'commands/zobench.ts', 'run', ...argv], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  const [record = ''] = readdirSync(join(root, out, 'records'));
  return JSON.parse(readFileSync(join(root, out, 'records', record), 'utf8')) as CompletedRecord;
}

/** Writes a cell's trained model to a folder. */
async function replay(run: string, { seedLog }: CompletedRecord, out: string): Promise<string> {
  const [stdout, stderr] = [new PassThrough({ encoding: 'utf8' }), new PassThrough({ encoding: 'utf8' })];
  const code = await runReplay([join(root, run, seedLog ?? ''), '--out', join(root, out)], { stdout, stderr });
  expect([code, stderr.read()]).toEqual([0, null]);
  return join(root, out);
}

test('what LoRA was trained to is exported by replay, and judged as a model of its own', async () => {
  const trained = bench('run', base, 'lora', '--learning-rate', '0.3');
  expect(trained.final.step).toBeGreaterThan(0); // else nothing was learned
  const exported = await replay('run', trained, 'exported');
  expect(await modelSize(exported, 'full')).toEqual(await modelSize(base, 'full'));

  const judged = bench('judged', exported, 'zero-shot', '--stream', 'always');
  expect(judged.final.test).toEqual(trained.final.test);
  expect(judged.testAnswers).toBe(trained.testAnswers);
  expect(judged.totalParameters).toBe(trained.totalParameters - trained.trainableParameters);
  expect(Object.keys(judged.inputs.model ?? {})).toEqual(expect.arrayContaining(['adapter_model.safetensors', 'base/model.safetensors']));
});
