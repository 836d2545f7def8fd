import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from '@jest/globals';

const folder = mkdtempSync(path.join(tmpdir(), 'lost-output-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs a program of the sources in a shell, with what follows it there. */
function shell(program: string, argv: readonly string[], behind: string) {
  const words = [process.execPath, '--import', 'tsx', program, ...argv].map((word) => `'${word}'`).join(' ');
  const { status, stderr } = spawnSync('sh', ['-c', `${words} ${behind}`], { encoding: 'utf8', timeout: 60_000 });
  return { status, stderr };
}

test('a program whose reader goes away ends without a word', () => {
  const { stderr } = shell('commands/zobench.ts', ['ls', 'optimizers'], '| head -n 1 >/dev/null');
  expect(stderr).toBe('');
});

const onLinux = existsSync('/dev/full') ? test : test.skip;

onLinux('what is asked for and cannot be written is one line, and exit code 1', () => {
  const { status, stderr } = shell('commands/zobench.ts', ['ls', 'tasks'], '> /dev/full');
  expect([status, stderr]).toEqual([1, 'zobench: standard output cannot be written: no space is left on its disk\n']);
});

onLinux('a run whose progress cannot be written goes on to its end', () => {
  const cells = ['--model', 'opt-mini', '--scheme', 'full', '--optimizer', 'zo-sgd', '--task', 'sst2', '--seeds', '2', '--steps', '5'];
  const { status } = shell('tests/benchmarks/fixtures/program.ts', [...cells, '--out', folder], '2> /dev/full');
  expect(status).toBe(0);
  expect(readdirSync(path.join(folder, 'records'))).toHaveLength(2);
  expect(readdirSync(folder)).not.toContain('run.lock');
});
