import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'program-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

interface Program {
  process: ChildProcess;
  /** Resolves once stderr holds the text. */
  says(text: string): Promise<void>;
  /** Exit code, or the signal that ended it, and all of stderr. */
  ended: Promise<{ how: number | string | null; stderr: string }>;
}

function start(...argv: string[]): Program {
  const child = spawn(process.execPath, ['--import', 'tsx', 'tests/benchmarks/fixtures/program.ts', '--out', folder, ...argv]);
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
  const ended = new Promise<Awaited<Program['ended']>>((resolve) => {
    child.on('close', (code, signal) => resolve({ how: code ?? signal, stderr }));
  });
  return { process: child, says: (text) => until(() => stderr.includes(text)), ended };
}

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, 10));
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

const cells = ['--model', 'opt-mini', '--scheme', 'full', '--optimizer', 'zo-sgd', '--seeds', '1', '--steps', '5'];
const twoThenHang = [...cells, '--task', 'sst2,slow,hangs'];
const records = () => readdirSync(path.join(folder, 'records'));

describe('the program', () => {
  test('stopped by Ctrl-C keeps what is done, says how to go on and exits with 130', async () => {
    const program = start(...twoThenHang);
    await program.says('start  opt-mini hangs');
    program.process.kill('SIGINT');
    const { how, stderr } = await program.ended;
    expect(how).toBe(130);
    expect(stderr).toContain(`stopped with 1 of 3 cells left; to go on: npm run bench -- --resume --out ${folder}`);
    expect(records()).toHaveLength(2);
  });

  test('killed outright loses the cells in flight alone; the next run goes on, unhindered by the lock', async () => {
    const killed = start(...twoThenHang);
    await killed.says('start  opt-mini hangs');
    killed.process.kill('SIGKILL');
    expect((await killed.ended).how).toBe('SIGKILL');
    expect(records()).toHaveLength(2);
    const { how, stderr } = await start('--resume', '--timeout', '0.3').ended;
    expect(stderr).toContain('3 cells, 2 of them there already');
    expect(stderr.match(/^start /gm)).toHaveLength(1);
    expect(how).toBe(1);
  });

  test('killed outright takes its workers with it', async () => {
    const pidFile = path.join(folder, 'worker.pid');
    const program = start(...cells, '--task', 'hangs', '--data', folder);
    await until(() => existsSync(pidFile) && readFileSync(pidFile, 'utf8') !== '');
    const worker = Number(readFileSync(pidFile, 'utf8'));
    expect(isAlive(worker)).toBe(true);
    program.process.kill('SIGKILL');
    await until(() => !isAlive(worker));
  });

  test('refuses a folder in which another runs, with exit code 2', async () => {
    const first = start(...cells, '--task', 'hangs');
    await first.says('start  opt-mini hangs');
    const second = await start(...cells).ended;
    first.process.kill('SIGINT');
    await first.ended;
    expect(second.how).toBe(2);
    expect(second.stderr).toBe(
      `zobench: ${folder}: process ${String(first.process.pid)} is running in this folder: wait for it, or give another --out\n`,
    );
  });
});
