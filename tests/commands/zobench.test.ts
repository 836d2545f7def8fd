import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import { all } from '../../commands/all.js';
import { runGroup } from '../../commands/command.js';
import { runCompare } from '../../benchmarks/compare/run.js';
import { nodeVersion, run as runDoctor, writable } from '../../commands/doctor.js';
import { grids } from '../../benchmarks/plan/grids.js';
import { runBench } from '../../benchmarks/run/run.js';
import { projectFolder } from '../../engine/index.js';
import { optimizerIds } from '../../optimizers/index.js';
import { schemeIds } from '../../schemes/index.js';
import { taskIds } from '../../tasks/index.js';
import { fakeParts } from '../benchmarks/fixtures/parts.js';
import { completedRecord, runFolder } from '../reports/fake-records.js';

interface Package {
  readonly version: string;
  readonly bin: { readonly zobench: string };
  readonly scripts: Readonly<Record<string, string>>;
}
const project = JSON.parse(readFileSync(path.join(projectFolder, 'package.json'), 'utf8')) as Package;

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What npm tells the programs that it runs is not for those that the tests run, unless they say so. */
const environment = (more: NodeJS.ProcessEnv): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('npm_'))),
  NODE_NO_WARNINGS: '1',
  SHELL: '/bin/bash',
  ...more,
});

/** Runs the program of the sources in a process: slow, so for what a process alone shows. */
function inProcess(argv: readonly string[], more: NodeJS.ProcessEnv = {}): Promise<Ended> {
  const child = spawn(process.execPath, ['--import', 'tsx', 'commands/zobench.ts', ...argv], { env: environment(more) });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, stdout, stderr })));
}

/** Runs its commands in this process, as one that npm does not run, or as `npm` says. */
async function zobench(argv: readonly string[], npm: NodeJS.ProcessEnv = {}, calledAs = 'zobench'): Promise<Ended> {
  const [stdout, stderr] = [new PassThrough({ encoding: 'utf8' }), new PassThrough({ encoding: 'utf8' })];
  const before = process.env;
  process.env = environment(npm);
  try {
    const code = await runGroup(all, argv, { stdout, stderr, calledAs });
    return { code, stdout: textOf(stdout), stderr: textOf(stderr) };
  } finally {
    process.env = before;
  }
}

const textOf = (stream: PassThrough): string => (stream.read() as string | null) ?? '';

const COMMANDS = [
  'run',
  'plan',
  'compare',
  'tune',
  'tables',
  'report',
  'export',
  'replay',
  'diagnose',
  'memory',
  'speed',
  'quantize',
  'ls',
  'doctor',
  'completion',
];
const LISTS = ['optimizers', 'schemes', 'models', 'tasks', 'grids'];

describe('zobench', () => {
  test('-h and --help name every command', async () => {
    const { code, stdout, stderr } = await inProcess(['-h']);
    expect([code, stderr]).toEqual([0, '']);
    expect([...stdout.matchAll(/^ {2}zobench (\w+) {2}/gm)].map(([, name]) => name)).toEqual(COMMANDS);
    expect((await zobench(['--help'])).stdout).toBe(stdout);
  });

  test('--version says the version of package.json', async () => {
    expect(await zobench(['--version'])).toEqual({ code: 0, stdout: `zobench ${project.version}\n`, stderr: '' });
  });

  test.each([...COMMANDS, ...LISTS.map((list) => `ls ${list}`)])('%s has a help that goes by its name', async (name) => {
    const { code, stdout, stderr } = await zobench([...name.split(' '), '--help']);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain(`\n\nUsage: zobench ${name} `);
    expect(stdout).not.toContain('npm run');
  });

  test.each([
    [['rnu'], /^zobench: unknown command rnu: did you mean run\? \(there are: run, plan, [^\n]+\)\n$/],
    [['ls', 'optimzers'], /^zobench: unknown command optimzers: did you mean optimizers\? [^\n]+\n$/],
    [['constructor'], /^zobench: unknown command constructor[^\n]+\n$/],
    [[], /^zobench: which command\? There are run, plan, [^\n]+\(zobench --help says more\)\n$/],
    [['run', '--gird', 'quick'], /^zobench: unknown option --gird: did you mean --grid\? [^\n]+\n$/],
    [['export', 'results/reference/minis'], /^zobench: --format: which of jsonl, parquet, tensorboard is wanted\?\n$/],
    [['export', 'x', '--format', 'xls'], /^zobench: --format xls: one of jsonl, parquet, tensorboard is needed\n$/],
    [['tables'], /^zobench: a run folder is needed: zobench tables <run folder>\n$/],
  ])('%j is one line and exit code 2', async (argv, line) => {
    const { code, stdout, stderr } = await zobench(argv);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(line);
  });

  test('as a process it exits so too, and goes by npx where npm runs it', async () => {
    const { code, stdout, stderr } = await inProcess(['tables'], { npm_command: 'exec' });
    expect([code, stdout, stderr]).toEqual([2, '', 'zobench: a run folder is needed: npx zobench tables <run folder>\n']);
  });

  test.each([
    ['run', 'bench'],
    ['speed', 'bench:step'],
    ['ls optimizers', 'optimizers'],
  ])('%s goes by `npm run %s --` where that runs it, by its own name where npm runs another', async (name, script) => {
    expect(project.scripts[script]).toBe(`node ${project.bin.zobench} ${name}`);
    const argv = [...name.split(' '), '--help'];
    const npm = { npm_command: 'run', npm_package_name: 'zobench' };
    expect((await zobench(argv, { ...npm, npm_lifecycle_event: script })).stdout).toContain(`\nUsage: npm run ${script} -- `);
    expect((await zobench(argv, { ...npm, npm_lifecycle_event: 'npx' }, 'npx zobench')).stdout).toContain(`\nUsage: npx zobench ${name} `);
  });

  test.each([
    ['run', runBench, ['--optimizer', 'zo-sgd'], /^to run them again: npx zobench run --resume --retry --out \S+$/m],
    [
      'compare',
      runCompare,
      ['--candidate', 'zo-sgd:q=4', '--baseline', 'zo-sgd'],
      /^to run them again: npx zobench compare --candidate .* --retry$/m,
    ],
  ])('the command to go on with %s is the one that it was called by', async (name, program, argv, line) => {
    const out = runFolder([]);
    const [stdout, stderr] = [new PassThrough({ encoding: 'utf8' }), new PassThrough({ encoding: 'utf8' })];
    const cells = ['--model', 'opt-mini', '--scheme', 'full', '--task', 'diverges', '--seeds', '1', '--steps', '5', '--out', out];
    expect(await program([...argv, ...cells], { ...fakeParts, stdout, stderr, calledAs: `npx zobench ${name}` })).toBe(1);
    expect(textOf(stderr)).toMatch(line);
  });

  test('plan runs nothing, with or without --plan', async () => {
    const argv = ['plan', '--grid', 'smoke', '--optimizer', 'zo-sgd'];
    const { code, stdout } = await zobench(argv);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^2 of 2 cells to run/m);
    expect((await zobench([...argv, '--plan'])).stdout).toBe(stdout);
  });

  test.each([
    ['optimizers', optimizerIds],
    ['schemes', schemeIds],
    ['models', ['opt-mini', 'llama-mini']],
    ['tasks', taskIds],
    ['grids', Object.keys(grids)],
  ])('ls %s has a line for each', async (list, ids) => {
    const { code, stdout } = await zobench(['ls', list]);
    expect(code).toBe(0);
    const first = stdout.split('\n').map((line) => line.split(' ')[0]);
    expect(ids.filter((id) => !first.includes(id))).toEqual([]);
  });

  test('report writes the reports of run folders again', async () => {
    const folders = [runFolder([completedRecord()]), runFolder([completedRecord()])];
    const { code, stdout, stderr } = await inProcess(['report', ...folders]);
    expect([code, stderr]).toEqual([0, '']);
    for (const folder of folders) {
      expect(stdout).toContain(`${folder}:\n| `);
      expect(['report.html', 'results.csv'].filter((file) => !existsSync(path.join(folder, file)))).toEqual([]);
    }
  });

  test('completion prints a script, which asks for commands, their commands and their options', async () => {
    expect((await inProcess(['completion'])).stdout).toMatch(/zobench --get-yargs-completions/);
    expect((await inProcess(['--get-yargs-completions', 'zobench', 'run', '--g'])).stdout).toMatch(/^--grid$/m);
    const completed = async (...words: string[]) => (await zobench(['--get-yargs-completions', ...words])).stdout.trim().split('\n');
    expect(await completed('r')).toEqual(COMMANDS);
    expect(await completed('ls', '')).toEqual(expect.arrayContaining(LISTS));
    expect(await completed('compare', '--c')).toContain('--candidate');
    expect(await completed('ls', 'tasks', '--')).not.toContain('--grid');
  });
});

describe('doctor', () => {
  test('has a line for each thing that is needed, and finds this machine fine', async () => {
    const { code, stdout, stderr } = await inProcess(['doctor']);
    expect([code, stderr]).toEqual([0, '']);
    const names = [...stdout.matchAll(/^ok {2}(\w+(?: \w+)*) {2,}\S/gm)].map(([, name]) => name);
    expect(names).toEqual(['node', 'backend', 'kernels', 'memory', 'temporary folder', 'models cache', 'hashes cache', 'fonts']);
    // What the tests bring; the others are there or say what to install.
    expect(stdout).toMatch(/^ok {2,}--backend tfjs:wasm {2,}tfjs-wasm \S+: 5 models within [\de-]+ of the CPU$/m);
    const others = stdout.split('\n').filter((line) => line.includes('--backend ') && !line.startsWith('ok'));
    for (const line of others) expect(line).toMatch(/^- {3}--backend \S+ {2,}.*\((docs\/backends\.md)\)$/);
  });

  test('exits with 1 where one is wrong, and still says the others', async () => {
    const stdout = new PassThrough({ encoding: 'utf8' });
    const checks = { one: () => 'there', two: () => Promise.reject(new Error('not there\nat all')) };
    expect(await runDoctor([], { stdout, stderr: process.stderr }, checks, {})).toBe(1);
    expect(stdout.read()).toBe('ok     one  there\nWRONG  two  not there\n');
  });

  test('finds nothing wrong where a backend is absent, and says so', async () => {
    const stdout = new PassThrough({ encoding: 'utf8' });
    const optional = { three: () => Promise.reject(new Error('not installed')) };
    expect(await runDoctor([], { stdout, stderr: process.stderr }, { one: () => 'there' }, optional)).toBe(0);
    expect(stdout.read()).toBe('ok  one    there\n-   three  not installed\n');
  });

  test.each(['20.18.3', '18.99.0'])('refuses Node %s', (version) => {
    expect(() => nodeVersion(version)).toThrow(`${version}: zobench needs >=20.19`);
  });
  test.each(['20.19.0', '22.0.0'])('takes Node %s', (version) => {
    expect(nodeVersion(version)).toBe(version);
  });

  test('takes a folder that is not there yet where it can be made, and refuses one below a file', () => {
    expect(writable(path.join(projectFolder, 'not', 'there'))).toBe(path.join(projectFolder, 'not', 'there'));
    expect(() => writable(path.join(projectFolder, 'package.json', 'cache'))).toThrow('cannot be written to');
    expect(() => writable(path.join(process.execPath, 'cache'))).toThrow('cannot be written to');
  });

  test('says that there is no temporary folder', () => {
    const without = `data:text/javascript,process.env.TMPDIR='/proc/not/there'`;
    const program = ['--import', 'tsx', '--import', without, 'commands/zobench.ts', 'doctor'];
    const { status, stdout } = spawnSync(process.execPath, program, { encoding: 'utf8', env: environment({}) });
    expect(status).toBe(1);
    expect(stdout).toMatch(
      /^WRONG {2}temporary folder {2,}\/proc\/not\/there: no temporary folder can be made there \(does not exist\): [^\n]+$/m,
    );
  });
});

const built = path.join(projectFolder, project.bin.zobench);
if (!existsSync(built)) console.warn('skipped: the built program needs npm run build');
(existsSync(built) && process.platform !== 'win32' ? test : test.skip)('the built program can be run as it is', () => {
  expect(spawnSync(built, ['--version'], { encoding: 'utf8' }).stdout).toBe(`zobench ${project.version}\n`);
});
