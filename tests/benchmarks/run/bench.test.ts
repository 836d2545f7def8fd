import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { tinyConfigs } from '../../support/tiny-model.js';

function bench(...argv: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', 'commands/zobench.ts', 'run', ...argv], {
    encoding: 'utf8',
    env: { ...process.env, NODE_NO_WARNINGS: '1' },
  });
  return { status, stdout, stderr };
}

const OPTIMIZER = `
interface State { steps: number }
export const mine = {
  id: 'mine', order: 'zeroth', cost: { forwards: 3, backwards: 0 }, defaults: { learningRate: 1, epsilon: 1 }, stateArrays: 0,
  init: (): State => ({ steps: 0 }),
  step: () => Promise.resolve({ loss: 0 }),
};`;

describe('npm run bench', () => {
  test('--help exits with 0', () => {
    const { status, stdout, stderr } = bench('--help');
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^Optimizers: .*zo-sgd/m);
  });

  test.each([
    ['--optimizer', 'zo-sdg', /^zobench: unknown optimizer zo-sdg: did you mean zo-sgd\? [^\n]+\n$/],
    ['--optimizer', 'no/mine.ts', /^zobench: [^\n]*no\/mine\.ts[^\n]+\n$/],
    ['--model', 'opt-mimi', /^zobench: unknown model opt-mimi: did you mean opt-mini\? [^\n]+\n$/],
  ])('%s %s is one line and exit code 2', (option, value, line) => {
    const { status, stdout, stderr } = bench(option, value);
    expect(stderr).toMatch(line);
    expect([status, stdout]).toEqual([2, '']);
  });

  test("--plan takes a user's optimizer in TypeScript and a user's model folder", () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'bench-'));
    const optimizer = path.join(folder, 'mine.ts');
    writeFileSync(optimizer, OPTIMIZER);
    writeFileSync(path.join(folder, 'config.json'), JSON.stringify(tinyConfigs.opt));
    const { status, stdout } = bench('--grid', 'smoke', '--optimizer', optimizer, '--model', folder, '--plan');
    rmSync(folder, { recursive: true });
    expect(status).toBe(0);
    expect(stdout).toMatch(/^2 of 2 cells to run/m);
  });
});
