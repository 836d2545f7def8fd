import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import type { CommandLine } from '../../command-line/command-line.js';
import { runCompare } from '../../benchmarks/compare/run.js';
import { runDiagnose } from '../../studies/estimators/run.js';
import { runMemory } from '../../studies/memory/run.js';
import { count, positive, text } from '../../command-line/option-values.js';
import { orComplain, runProgram } from '../../command-line/program.js';
import { runReplay } from '../../studies/replay/run.js';
import { runBench } from '../../benchmarks/run/run.js';
import { run as runTables } from '../../commands/tables.js';
import { runTune } from '../../benchmarks/tune/run.js';
import { DivergedError, InputError, UnfitError, UsageError } from '../../engine/index.js';
import { fakeParts } from '../benchmarks/fixtures/parts.js';

const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };

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

/** Of Linux. */
const childrenOf = (pid = 0): number[] => readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);

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

  test('stopped by Ctrl-C twice ends at once, with its workers; the next run goes on', async () => {
    const program = start(...twoThenHang);
    await program.says('start  opt-mini hangs');
    const workers = childrenOf(program.process.pid);
    expect(workers).not.toEqual([]);
    program.process.kill('SIGINT');
    program.process.kill('SIGINT');
    expect((await program.ended).how).toBe(130);
    await until(() => !workers.some(isAlive));
    expect(readdirSync(folder)).not.toContain('run.lock');
    expect(records()).toHaveLength(2);
    const again = start(...cells, '--task', 'sst2,slow');
    expect((await again.ended).stderr).toContain('2 cells, 2 of them there already');
  });

  test('whose reader goes away ends, and hinders no other run', async () => {
    const command = ['--import', 'tsx', 'tests/benchmarks/fixtures/program.ts', '--out', folder, ...cells, '--task', 'sst2,slow'];
    const shell = `"${process.execPath}" ${command.map((part) => `'${part}'`).join(' ')} 2>&1 | head -n 1`;
    expect(spawnSync('sh', ['-c', shell], { encoding: 'utf8', timeout: 50_000 }).stdout.split('\n')).toHaveLength(2);
    await until(() => !readdirSync(folder).includes('run.lock'));
    const again = start(...cells, '--task', 'sst2,slow');
    const { how, stderr } = await again.ended;
    expect([how, stderr]).toEqual([0, expect.stringContaining('2 cells')]);
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

  test('asked to stop with the end of its last cell says so too, for a search as for a run', () => {
    const argv = ['--model', 'opt-mini', '--scheme', 'full', '--optimizer', 'zo-sgd', '--task', 'sst2', '--trials', '2', '--out', folder];
    const ended = spawnSync(process.execPath, ['--import', 'tsx', 'tests/benchmarks/fixtures/tune-program.ts', ...argv], {
      encoding: 'utf8',
    });
    expect(ended.status).toBe(130);
    expect(ended.stdout).toContain(`stopped before the end of the search; to go on: npm run tune -- ${argv.join(' ')}\n`);
    expect(records()).toHaveLength(2);
  });

  test('without a temporary folder is refused before any cell runs, and leaves nothing', () => {
    const [out, absent] = [path.join(folder, 'run'), path.join(folder, 'absent')];
    // The loader of the sources, in its own thread, keeps the folder that is there.
    const without = `data:text/javascript,process.env.TMPDIR=${encodeURIComponent(JSON.stringify(absent))}`;
    const program = ['--import', 'tsx', '--import', without, 'tests/benchmarks/fixtures/program.ts'];
    const ended = spawnSync(process.execPath, [...program, '--out', out, ...cells, '--task', 'sst2'], { encoding: 'utf8' });
    const line = `zobench: ${absent}: no temporary folder can be made there (does not exist): let TMPDIR name another one\n`;
    expect([ended.status, ended.stderr, existsSync(out)]).toEqual([2, line, false]);
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

const schema = z.strictObject({
  steps: count().default(3).describe('how many'),
  task: text().optional().describe('which'),
  learningRate: positive().optional().describe('how far'),
});
const commandLine: CommandLine<typeof schema.shape> = {
  scriptName: 'npm run mine --',
  usage: 'Does mine.',
  operands: '<file>',
  schema,
  examples: [['a.json --task sst2', 'all of a']],
  names: { Tasks: ['sst2', 'copa'] },
  remark: 'That is all.',
};

/** What a program that is run in this process returns and writes. */
async function outcome(program: (output: { stdout: PassThrough; stderr: PassThrough }) => Promise<number>) {
  const [stdout, stderr] = [new PassThrough({ encoding: 'utf8' }), new PassThrough({ encoding: 'utf8' })];
  const code = await program({ stdout, stderr });
  return { code, stdout: (stdout.read() as string | null) ?? '', stderr: (stderr.read() as string | null) ?? '' };
}

describe('runProgram', () => {
  const refuse = () => Promise.reject(new Error('not to be called'));
  const run = (argv: readonly string[], act: Parameters<typeof runProgram<typeof schema.shape>>[3]) =>
    outcome((output) => runProgram(commandLine, argv, output, act));

  test('hands over typed options and the operands as they are written, and returns what comes of them', async () => {
    const seen: unknown[] = [];
    const { code, stderr } = await run(['007', '--task', 'sst2', '1e3', '--learning-rate', '1e-3'], (options, operands) => {
      seen.push(options, operands);
      return Promise.resolve(130);
    });
    expect([code, stderr]).toEqual([130, '']);
    expect(seen).toEqual([{ steps: 3, task: 'sst2', learningRate: 1e-3 }, ['007', '1e3']]);
  });

  test('--help shows all that can be given and does nothing else', async () => {
    const { code, stdout, stderr } = await run(['--task', 'sst2', '--help'], refuse);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^Does mine\.\n\nUsage: npm run mine -- <file> \[options]\n/);
    for (const option of ['--steps', '--task', '--learning-rate', '--version', '-h, --help'])
      expect(stdout).toMatch(new RegExp(`^ +${option} `, 'm'));
    expect(stdout).toMatch(/npm run mine -- a\.json --task sst2 +all of a\n/);
    expect(stdout).toMatch(/\n\nTasks: sst2, copa\n\nThat is all\.\n$/);
  });

  test.each([
    [['--stpes', '3'], 'unknown option --stpes: did you mean --steps? (all: --help)'],
    [['--learn', '3'], 'unknown option --learn: did you mean --learning-rate? (all: --help)'],
    [['--st', '3'], 'unknown option --st: did you mean --steps? (all: --help)'],
    [['--steps', '0'], '--steps 0: a whole number of at least 1 is needed'],
    [['--task', ''], '--task : a value is needed'],
    [['--task', 'a\0b'], '--task a\\u0000b: a value without null characters is needed'],
    [['--steps', '1', '--steps', '2'], '--steps is given 2 times: give it once'],
  ])('%j is one line and exit code 2', async (argv, line) => {
    expect(await run(argv, refuse)).toEqual({ code: 2, stdout: '', stderr: `zobench: ${line}\n` });
  });

  test.each([
    [new UsageError('no such task'), 2],
    [new UnfitError('not together'), 2],
    [new InputError('a.json: not JSON'), 2],
    [new DivergedError('the loss is NaN'), 1],
  ])('%p is one line and exit code %i', async (error, code) => {
    const ended = await run([], () => Promise.reject(error));
    expect(ended).toEqual({ code, stdout: '', stderr: `zobench: ${error.message}\n` });
  });

  test.each([
    [
      'a file where a folder is needed',
      () => mkdirSync('package.json/results'),
      /^zobench: [^\n]*package\.json[^\n]*: a part of this path is a file; [^\n]+\n$/,
    ],
    ['a folder where a file is needed', () => openSync('tests', 'w'), /^zobench: [^\n]*tests: is a folder; give a file\n$/],
  ])('%s is one line that names it, and exit code 2', async (_, act, says) => {
    const ended = await run([], async () => {
      act();
      return Promise.resolve(0);
    });
    expect([ended.code, ended.stdout]).toEqual([2, '']);
    expect(ended.stderr).toMatch(says);
  });

  test('a fault of zobench is thrown on', async () => {
    await expect(run([], () => Promise.reject(new TypeError('not a function')))).rejects.toThrow(TypeError);
  });
});

describe('every program', () => {
  test.each([
    ['bench', runBench],
    ['compare', runCompare],
    ['diagnose', runDiagnose],
    ['memory', runMemory],
    ['replay', runReplay],
    ['tables', runTables],
    ['tune', runTune],
  ])('%s has a help, and refuses an option that it does not have', async (name, program) => {
    const run = (...argv: string[]) => outcome((output) => program(argv, { ...fakeParts, ...output }));
    const help = await run('--help');
    expect([help.code, help.stderr]).toEqual([0, '']);
    expect(help.stdout).toContain(`\nUsage: npm run ${name} -- `);
    expect(await run('-h')).toEqual(help);
    expect(await run('--version')).toEqual({ code: 0, stdout: `zobench ${version}\n`, stderr: '' });
    const refused = await run('--hlep');
    expect([refused.code, refused.stdout]).toEqual([2, '']);
    expect(refused.stderr).toMatch(/^zobench: unknown option --hlep: did you mean --help\? [^\n]+\n$/);
  });

  test('pretrain does so as a process', () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', 'scripts/pretrain.ts', '--hlep'], {
      encoding: 'utf8',
    });
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^zobench: unknown option --hlep: did you mean --help\? [^\n]+\n$/);
  });
});

test('a complaint with a value of any length is cut in its middle', async () => {
  const said: string[] = [];
  const stderr = { write: (text: string) => said.push(text) > 0 } as never;
  await orComplain(stderr, () => Promise.reject(new UsageError(`--data ${'x'.repeat(5000)}: no such folder`)));
  expect(said).toEqual([expect.stringMatching(/^zobench: --data x+ … x+: no such folder\n$/)]);
  expect(said[0]?.length).toBeLessThan(1600);
});
