import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { projectFolder } from '../../../engine/index.js';
import { readRecords, type CompletedRecord } from '../../../records/index.js';

const folder = mkdtempSync(join(tmpdir(), 'save-'));
afterAll(() => rmSync(folder, { recursive: true }));

function zobench(...argv: string[]): { status: number | null; stderr: string } {
  const program = join(projectFolder, 'dist/commands/zobench.js');
  const { status, stderr } = spawnSync(process.execPath, [program, ...argv], { cwd: folder, encoding: 'utf8' });
  return { status, stderr };
}

const small = ['--task', 'sst2', '--seeds', '1', '--threads', '1', '--train-size', '16', '--dev-size', '8', '--test-size', '16'];
const saving = ['run', '--model', 'opt-mini', '--steps', '4', '--save', ...small];
const trained = [...saving, '--optimizer', 'zo-sgd,fo-adam', '--scheme', 'full,lora', '--learning-rate', '1e-3', '--out', 'run'];

function completedIn(out: string): CompletedRecord[] {
  return readRecords(join(folder, out)).records.filter((record) => record.state === 'completed');
}

const of = (optimizer: string, scheme: string): CompletedRecord | undefined =>
  completedIn('run').find(({ settings }) => settings.optimizer === optimizer && settings.scheme === scheme);

beforeAll(() => {
  expect(zobench(...trained).status).toBe(0);
});

test('each cell leaves its weights, and a run that has them all has nothing to do', () => {
  expect(readdirSync(join(folder, 'run/models')).sort()).toEqual(
    completedIn('run')
      .map(({ cell }) => cell)
      .sort(),
  );
  expect(zobench(...trained).stderr).toContain('4 cells, 4 of them there already');
});

test('what first-order training kept scores as the record says', () => {
  const record = of('fo-adam', 'full');
  const model = join('run/models', record?.cell ?? '');
  expect(record?.final.step).toBeGreaterThan(0); // otherwise this shows nothing
  expect(zobench('run', '--model', model, '--scheme', 'zero-shot', ...small, '--out', 'again').status).toBe(0);
  const [again] = completedIn('again');
  expect([again?.final.dev.score, again?.final.test.score]).toEqual([record?.final.dev.score, record?.final.test.score]);
});

test('what zeroth-order training kept is what its seed log replays, byte for byte', () => {
  const record = of('zo-sgd', 'full');
  expect(zobench('replay', join('run', record?.seedLog ?? ''), '--out', 'replayed').status).toBe(0);
  const [kept, replayed] = [`run/models/${record?.cell ?? ''}`, 'replayed'].map((each) =>
    readFileSync(join(folder, each, 'model.safetensors')),
  );
  expect(kept?.equals(replayed ?? Buffer.from(''))).toBe(true);
});

test('cells whose weights are not there run again, and say so', () => {
  const cell = of('zo-sgd', 'lora')?.cell ?? '';
  rmSync(join(folder, 'run/models', cell), { recursive: true });
  const { stderr } = zobench(...trained);
  expect(stderr).toContain('1 cell runs again: its weights were not kept');
  expect(readdirSync(join(folder, 'run/models', cell)).sort()).toEqual(['adapter_config.json', 'adapter_model.safetensors']);
});

test('weights that cannot be written cost no record: one line says why', () => {
  const one = [...saving, '--optimizer', 'zo-sgd', '--scheme', 'lora', '--out', 'full-disk'];
  expect(zobench(...one.filter((word) => word !== '--save')).status).toBe(0);
  writeFileSync(join(folder, 'full-disk/models'), '');
  const { status, stderr } = zobench(...one);
  expect([status, stderr]).toEqual([1, expect.stringMatching(/^opt-mini sst2 lora zo-sgd seed 0: the weights are not kept: [^\n]+$/m)]);
  expect(completedIn('full-disk')).toHaveLength(1);
});

test('a run that trains nothing has none to keep', () => {
  const { status, stderr } = zobench(...saving, '--scheme', 'zero-shot');
  expect([status, stderr]).toEqual([2, expect.stringMatching(/^zobench: --save: nothing is trained[^\n]*$/m)]);
});
