import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { isDeepStrictEqual, parseArgs } from 'node:util';

/*
 * Kills runs at random moments, runner or cell, with SIGKILL, resumes each until it is done and compares its records with those of an
 * undisturbed run:  tsx scripts/kills.ts --kills 500 --model opt-mini --steps 400
 */

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '500' },
    model: { type: 'string', default: 'opt-mini' },
    steps: { type: 'string', default: '400' },
    optimizers: { type: 'string', default: 'zo-sgd,zo-adam' },
    longestMs: { type: 'string', default: '8000' },
  },
});
const PROGRAM = 'dist/commands/zobench.js';
const shared = ['--quiet', '--task', 'sst2', '--scheme', 'lora', '--seeds', '1', '--threads', '1', '--jobs', '2'];
const sizes = ['--train-size', '32', '--dev-size', '16', '--test-size', '16'];
const request = (out: string): string[] => {
  const { model, steps, optimizers } = values;
  return [PROGRAM, 'run', '--model', model, '--steps', steps, '--optimizer', optimizers, ...shared, ...sizes, '--out', out];
};

/** What a run left that must not depend on how often it was killed: all but times, memory and where it ran. */
function lasting(out: string): unknown {
  const read = (kind: string): unknown[] =>
    readdirSync(join(out, kind))
      .sort()
      .map((name) => JSON.parse(readFileSync(join(out, kind, name), 'utf8'), withoutTimes) as unknown);
  return [read('records'), read('seed-logs'), existsSync(join(out, 'checkpoints'))];
}

const TIMES = ['startedAt', 'seconds', 'stepMs', 'memory'];
const withoutTimes = (key: string, value: unknown): unknown => (TIMES.includes(key) ? undefined : value);

/** The cells of a run: children of its runner that are Node. */
function cellsOf(runner: number): number[] {
  const children = spawnSync('ps', ['-o', 'pid=,comm=', '--ppid', String(runner)], { encoding: 'utf8' }).stdout;
  return children.split('\n').flatMap((line) => {
    const [pid = '', name = ''] = line.trim().split(/\s+/);
    return name === 'sh' || pid === '' ? [] : Number(pid);
  });
}

const kills = { runner: 0, cell: 0 };

/** Runs until the run ends or is killed; whether it was done. */
async function attempt(out: string): Promise<boolean> {
  const runner = spawn(process.execPath, [...request(out), '--retry'], { stdio: 'ignore' });
  const ended = new Promise<number | null>((resolve) => runner.once('exit', resolve));
  const moment = wait(Math.random() * Number(values.longestMs)).then(() => 'moment' as const);
  const first = await Promise.race([ended, moment]);
  if (first !== 'moment') return first === 0;
  const cells = cellsOf(runner.pid ?? 0);
  const [cell] = cells.sort(() => Math.random() - 0.5);
  if (cell !== undefined && Math.random() < 0.5) {
    process.kill(cell, 'SIGKILL');
    kills.cell += 1;
  } else if (runner.kill('SIGKILL')) kills.runner += 1;
  return (await ended) === 0;
}

async function main(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'kills-'));
  const undisturbed = join(folder, 'undisturbed');
  spawnSync(process.execPath, request(undisturbed), { stdio: 'ignore' });
  const expected = lasting(undisturbed);
  let [runs, different] = [0, 0];
  while (kills.runner + kills.cell < Number(values.kills)) {
    const out = join(folder, String(++runs));
    mkdirSync(out);
    while (!(await attempt(out)));
    if (!isDeepStrictEqual(lasting(out), expected)) different += 1;
    else rmSync(out, { recursive: true });
    console.log(`${kills.runner} kills of runners, ${kills.cell} of cells: ${runs} runs done, ${different} differ`);
  }
  return different === 0 ? 0 : 1;
}

process.exitCode = await main();
