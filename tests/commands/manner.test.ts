import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, describe, expect, test } from '@jest/globals';
import { all } from '../../commands/all.js';
import { runGroup } from '../../commands/command.js';
import { runCompare } from '../../benchmarks/compare/index.js';
import { runBench, type Parts } from '../../benchmarks/run/index.js';
import { runTune } from '../../benchmarks/tune/index.js';
import { projectFolder } from '../../engine/index.js';
import { optimizerIds } from '../../optimizers/index.js';
import { fakeParts } from '../benchmarks/fixtures/parts.js';
import { completedRecord, runFolder } from '../reports/fake-records.js';

const folder = mkdtempSync(path.join(tmpdir(), 'manner-'));
afterAll(() => rmSync(folder, { recursive: true }));
const out = (name: string): string => path.join(folder, name);

interface Said {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Each line of standard output, as JSON. */
  readonly lines: () => unknown[];
}

async function said(run: (parts: Parts) => Promise<number>): Promise<Said> {
  const [stdout, stderr] = [new PassThrough({ encoding: 'utf8' }), new PassThrough({ encoding: 'utf8' })];
  const code = await run({ ...fakeParts, stdout, stderr });
  const [text, complaints] = [stdout, stderr].map((stream) => (stream.read() as string | null) ?? '') as [string, string];
  const lines = (): unknown[] =>
    text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);
  return { code, stdout: text, stderr: complaints, lines };
}

const zobench = (...argv: string[]): Promise<Said> => said((output) => runGroup(all, argv, { ...output, calledAs: 'zobench' }));
const bench = (...argv: string[]): Promise<Said> => said((parts) => runBench(argv, parts));
const cells = ['--model', 'opt-mini', '--scheme', 'full', '--task', 'sst2', '--seeds', '2', '--steps', '5'];
const run = folderOfRecords();

function folderOfRecords(): string {
  return runFolder([
    completedRecord({ optimizer: 'zo-sgd' }, { testAccuracy: 0.75 }),
    completedRecord({ optimizer: 'zo-adam' }, { testAccuracy: 0.5 }),
  ]);
}

const pick = (value: unknown, name: string): unknown => (value as Readonly<Record<string, unknown>>)[name];

describe('--json gives results as lines of JSON', () => {
  test('run: the folder and what its report holds', async () => {
    const { code, lines } = await bench(...cells, '--optimizer', 'zo-sgd', '--out', out('run'), '--json');
    expect([code, lines()]).toEqual([0, [{ folder: 'run' }]]);
  });

  test('run --plan: every cell with its estimates', async () => {
    const { lines } = await bench(...cells, '--optimizer', 'zo-sgd', '--plan', '--json');
    const [plan] = lines();
    expect(pick(plan, 'cells')).toEqual(
      [0, 1].map((seed) => ({
        cell: expect.stringMatching(/^c[0-9a-f]{15}$/),
        settings: expect.objectContaining({ optimizer: 'zo-sgd', seed }),
        isDone: false,
        seconds: expect.any(Number),
        bytes: expect.any(Number),
      })),
    );
    expect(pick(plan, 'toRun')).toMatchObject({ cells: 2 });
  });

  test('tune: the rate of each search, a line each', async () => {
    const argv = [
      '--model',
      'opt-mini',
      '--scheme',
      'full,lora',
      '--optimizer',
      'zo-sgd',
      '--task',
      'peaks',
      '--out',
      out('tuning'),
      '--json',
    ];
    const { code, lines } = await said((parts) => runTune(argv, parts));
    expect(code).toBe(0);
    expect(lines()).toEqual(['full', 'lora'].map((scheme) => expect.objectContaining({ scheme, learningRate: 3e-3, isFlat: false })));
  });

  test('compare: the comparisons, of runs and of folders', async () => {
    const contest = ['--candidate', 'zo-sgd:q=4', '--baseline', 'zo-sgd', ...cells, '--out', out('compare'), '--json'];
    const ran = await said((parts) => runCompare(contest, parts));
    const read = await zobench('compare', run, '--candidate', 'zo-adam', '--out', out('compare-2'), '--json');
    const [first] = pick(ran.lines()[0], 'comparisons') as unknown[];
    const [second] = pick(read.lines()[0], 'comparisons') as unknown[];
    expect(first).toMatchObject({ candidate: 'zo-sgd:q=4', baseline: 'zo-sgd', pairs: 2 });
    expect(second).toMatchObject({ candidate: 'zo-adam', baseline: 'zo-sgd', difference: { mean: -0.25 } });
  });

  test('report: what each folder comes to', async () => {
    const { lines } = await zobench('report', run, '--json');
    const rows = pick(lines()[0], 'results') as unknown[];
    expect(rows.map((row) => [pick(row, 'optimizer'), pick(pick(row, 'measured'), 'testScoreMean')])).toEqual(
      expect.arrayContaining([
        ['zo-sgd', 0.75],
        ['zo-adam', 0.5],
      ]),
    );
  });

  test('tables: which were written, and the findings', async () => {
    const { lines } = await zobench('tables', run, '--out', out('tables'), '--json');
    expect(lines()).toEqual([{ out: out('tables'), tables: expect.any(Array), findings: expect.any(Array) }]);
  });

  test.each([
    ['optimizers', optimizerIds.length],
    ['schemes', 8],
    ['tasks', 16],
    ['grids', 1],
  ])('ls %s: an object for each', async (list, least) => {
    const [all] = (await zobench('ls', list, '--json')).lines() as [unknown[]];
    expect(all.length).toBeGreaterThanOrEqual(least);
  });

  test('doctor: each thing that is looked at', async () => {
    const [rows] = (await zobench('doctor', '--json')).lines() as [unknown[]];
    expect(rows[0]).toEqual({ name: 'node', isNeeded: true, isFine: true, description: process.versions.node });
  });

  test('memory: the rows of its table', async () => {
    const { lines } = await zobench('memory', '--model', 'opt-mini', '--optimizer', 'zo-sgd', '--out', out('memory'), '--json');
    expect(pick(lines()[0], 'folder')).toBe(out('memory'));
    expect((pick(lines()[0], 'byLength') as unknown[]).length).toBeGreaterThan(0);
  });
});

describe('--quiet', () => {
  test('leaves out how a run gets on, not what it comes to', async () => {
    const { code, stdout, stderr } = await bench(...cells, '--optimizer', 'zo-sgd', '--out', out('quiet'), '--quiet');
    expect([code, stdout, stderr]).toEqual([0, 'report of quiet\n', '']);
  });

  test('still says which cells did not complete', async () => {
    const argv = [
      ...cells.map((word) => (word === 'sst2' ? 'diverges' : word)),
      '--optimizer',
      'zo-sgd',
      '--out',
      out('quiet-2'),
      '--quiet',
    ];
    const { code, stderr } = await bench(...argv);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^2 of 2 cells did not complete:\n/);
  });
});

describe('--dry-run', () => {
  const nothing = out('nothing');

  test('run lists what --plan does', async () => {
    const argv = [...cells, '--optimizer', 'zo-sgd', '--out', nothing];
    expect((await bench(...argv, '--dry-run')).stdout).toBe((await bench(...argv, '--plan')).stdout);
  });

  test('compare and tune list the cells they begin with', async () => {
    const contest = ['--candidate', 'zo-sgd:q=4', '--baseline', 'zo-sgd', ...cells, '--out', nothing, '--dry-run'];
    expect((await said((parts) => runCompare(contest, parts))).stdout).toMatch(/^4 of 4 cells to run/m);
    const search = ['--model', 'opt-mini', '--scheme', 'full', '--optimizer', 'zo-sgd', '--task', 'peaks', '--out', nothing, '--dry-run'];
    expect((await said((parts) => runTune(search, parts))).stdout).toMatch(/^1 of 1 cells to run.*These are the first of up to 10 rates/ms);
  });

  test.each([
    [['report', run]],
    [['report', run, '--out', nothing]],
    [['tables', run, '--out', nothing]],
    [['compare', run, '--candidate', 'zo-adam', '--out', nothing]],
    [['memory', '--model', 'opt-mini', '--out', nothing]],
    [['diagnose', '--model', 'opt-mini', '--optimizer', 'zo-sgd', '--out', nothing]],
    [['speed', '--size', 'tiny']],
  ])('%j says what would be done, and writes nothing', async (argv) => {
    const before = [readdirSync(run), readdirSync(folder), readdirSync(projectFolder)];
    const { code, stdout } = await zobench(...argv, '--dry-run');
    expect([code, stdout]).toEqual([0, expect.stringMatching(/\w+/)]);
    expect([readdirSync(run), readdirSync(folder), readdirSync(projectFolder)]).toEqual(before);
    expect(existsSync(nothing)).toBe(false);
  });
});
