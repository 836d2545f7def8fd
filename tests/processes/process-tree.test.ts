import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Cell } from '../../benchmarks/plan/cell.js';
import { type Outcome, runPool } from '../../benchmarks/run/pool.js';
import { workerPath } from '../benchmarks/fixtures/parts.js';
import { cell } from '../benchmarks/fixtures/settings.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'process-tree-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const childPid = () => Number(readFileSync(path.join(folder, 'child.pid'), 'utf8'));

/** Whether a process runs; one that only waits to be taken note of does not. */
function runs(pid: number): boolean {
  const file = `/proc/${pid}/stat`;
  return existsSync(file) && !readFileSync(file, 'utf8').includes(') Z');
}

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, 20));
}

async function run(task: string, timeoutSeconds: number): Promise<Outcome | undefined> {
  let ended: Outcome | undefined;
  const events = { started: () => undefined, progressed: () => undefined, ended: (_: Cell, outcome: Outcome) => void (ended = outcome) };
  await runPool([cell('one', { task, data: folder, timeoutSeconds })], { jobs: 1, workerPath }, events, new AbortController().signal);
  return ended;
}

describe('when a cell ends, what its own code started ends with it:', () => {
  test.each([
    ['a child that left the group and holds the output, of a cell that completes', 'leaves-a-child', 30, 'completed'],
    ['such a child of a cell that dies', 'leaves-a-child-and-dies', 30, 'failed'],
    ['such a child of a cell in a loop beyond its time', 'leaves-a-child-and-loops', 2, 'timed-out'],
  ])('%s', async (_, task, timeoutSeconds, state) => {
    expect((await run(task, timeoutSeconds))?.state).toBe(state);
    await until(() => !runs(childPid()));
  });

  test.each([
    ['a loop that ignores signals', 'ignores-signals'],
    ['a thread that loops', 'has-a-thread'],
  ])('%s', async (_, task) => {
    const started = Date.now();
    expect((await run(task, 0.5))?.state).toBe('timed-out');
    expect(Date.now() - started).toBeLessThan(20_000);
  });
});

test.each(['sends-null', 'sends-text', 'sends-other-progress', 'sends-other-end', 'writes-garbage', 'writes-without-end', 'logs-depths'])(
  'a worker that %s fails',
  async (task) => {
    expect(await run(task, 30)).toMatchObject({ state: 'failed', reason: 'the worker sent a message that no cell sends' });
  },
);

test('a worker that dies in the middle of a line fails', async () => {
  expect(await run('writes-half-a-line', 30)).toMatchObject({ state: 'failed', reason: 'the worker exited with 0: it said nothing' });
});

test.each([
  ['SIGKILL', 'SIGKILL'],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
  ['SIGINT', 130],
] as const)('a run ended by %s leaves no worker, be it in a loop', async (signal, how) => {
  const argv = ['--out', path.join(folder, 'out'), '--model', 'opt-mini', '--scheme', 'full', '--optimizer', 'zo-sgd', '--seeds', '1'];
  const program = ['--import', 'tsx', 'tests/benchmarks/fixtures/program.ts', ...argv, '--task', 'loops-on', '--data', folder];
  const runner = spawn(process.execPath, program, { stdio: 'ignore' });
  const ended = new Promise((resolve) => runner.on('close', (code, by) => resolve(code ?? by)));
  await until(() => existsSync(path.join(folder, 'child.pid')) && childPid() > 0);
  runner.kill(signal);
  expect(await ended).toBe(how);
  await until(() => !runs(childPid()));
});
