import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { runTune, type TuneParts } from '../../../benchmarks/tune/run.js';
import { fakeParts } from '../fixtures/parts.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'tune-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

async function tune(...given: (string | Partial<TuneParts>)[]): Promise<{ code: number; stdout: string; stderr: string; started: number }> {
  const [stdout, stderr] = [new PassThrough({ encoding: 'utf8' }), new PassThrough({ encoding: 'utf8' })];
  const argv = given.filter((part) => typeof part === 'string');
  const parts = given.filter((part) => typeof part !== 'string');
  const code = await runTune([...argv, '--out', folder], Object.assign({ ...fakeParts, stdout, stderr }, ...parts) as TuneParts);
  const said = (stderr.read() as string | null) ?? '';
  const printed = (stdout.read() as string | null) ?? '';
  return { code, stdout: printed, stderr: said, started: said.match(/^start /gm)?.length ?? 0 };
}

const one = ['--model', 'opt-mini', '--scheme', 'full', '--optimizer', 'zo-sgd'];
const json = (...name: string[]): unknown => JSON.parse(readFileSync(path.join(folder, ...name), 'utf8'));
const found = () => json('learning-rates.json');
/** The learning rates that have a record, ascending. */
const tried = (): number[] =>
  readdirSync(path.join(folder, 'records'))
    .map((name) => (json('records', name) as { settings: { learningRate: number } }).settings.learningRate)
    .sort((a, b) => a - b);

describe('a search', () => {
  test('goes from its start to the best rate of the grid, and stops where both neighbours are worse', async () => {
    const { code, stdout } = await tune(...one, '--task', 'peaks', '--start', '0.1');
    expect(code).toBe(0);
    expect(tried()).toEqual([1e-3, 3e-3, 1e-2, 3e-2, 0.1, 0.3]);
    expect(stdout).toBe('opt-mini peaks full zo-sgd: 0.003, dev 90.0 %\n');
    expect(found()).toEqual([{ model: 'opt-mini', task: 'peaks', scheme: 'full', optimizer: 'zo-sgd', learningRate: 3e-3 }]);
  });

  test('starts at what a run would use, for every optimizer and model of its own', async () => {
    const { code } = await tune('--model', 'opt-mini,llama-mini', '--scheme', 'full', '--optimizer', 'zo-sgd,fo-sgd', '--task', 'peaks');
    expect(code).toBe(0);
    expect(tried()).toEqual([1e-3, 3e-3, 1e-2, 3e-2].flatMap((rate) => Array<number>(4).fill(rate)));
    expect(found()).toHaveLength(4);
  });

  test('leaves out what diverges', async () => {
    expect((await tune(...one, '--task', 'diverges-above-a-hundredth', '--start', '0.1')).code).toBe(0);
    expect(found()).toMatchObject([{ learningRate: 3e-3 }]);
  });

  test('ends after --trials rates with the best of them', async () => {
    await tune(...one, '--task', 'peaks', '--start', '0.1', '--trials', '4');
    expect(tried()).toEqual([1e-2, 3e-2, 0.1, 0.3]);
    expect(found()).toMatchObject([{ learningRate: 1e-2 }]);
  });

  test('runs every rate under each of --seeds and takes the mean', async () => {
    const { stdout } = await tune(...one, '--task', 'peaks', '--start', '3e-3', '--seeds', '3');
    expect(tried()).toEqual([1e-3, 3e-3, 1e-2].flatMap((rate) => Array<number>(3).fill(rate)));
    expect(stdout).toContain(': 0.003, dev 91.0 %');
  });

  test('that was interrupted runs only what has no record', async () => {
    const argv = [...one, '--task', 'peaks', '--start', '3e-3'];
    await tune(...argv);
    const wanted = found();
    const [first] = readdirSync(path.join(folder, 'records'));
    rmSync(path.join(folder, 'records', first ?? ''));
    rmSync(path.join(folder, 'learning-rates.json'));
    expect(await tune(...argv)).toMatchObject({ code: 0, started: 1 });
    expect(found()).toEqual(wanted);
  });

  test('keeps what earlier searches in the folder found, and has one entry for what is searched again', async () => {
    await tune(...one, '--task', 'peaks');
    await tune('--model', 'opt-mini', '--scheme', 'full', '--optimizer', 'fo-sgd,zo-sgd,zo-sgd:q=1', '--task', 'peaks');
    expect(found()).toMatchObject([{ optimizer: 'zo-sgd' }, { optimizer: 'fo-sgd' }].reverse());
    await tune('--model', 'opt-mini', '--scheme', 'full', '--optimizer', 'fo-sgd', '--task', 'peaks');
    expect(found()).toMatchObject([{ optimizer: 'zo-sgd' }, { optimizer: 'fo-sgd' }]);
  });

  test('refuses a folder whose rates are damaged before it runs anything', async () => {
    writeFileSync(path.join(folder, 'learning-rates.json'), '[{');
    const { code, stderr, started } = await tune(...one, '--task', 'peaks');
    expect([code, started]).toEqual([2, 0]);
    expect(stderr).toMatch(/^zobench: [^\n]+learning-rates\.json: not what a search wrote: [^\n]+\n$/);
  });

  test('whose report cannot be drawn writes what it found, and fails', async () => {
    const { code, stderr } = await tune(...one, '--task', 'peaks', { report: () => Promise.reject(new Error('no canvas')) });
    expect([code, stderr.split('\n').at(-2)]).toEqual([1, 'the records are written, but the report failed: no canvas']);
    expect(found()).toHaveLength(1);
  });

  test('of which no trial completes finds nothing and returns 1', async () => {
    const { code, stdout } = await tune(...one, '--task', 'throws', '--trials', '3');
    expect([code, stdout]).toEqual([1, '']);
    expect(found()).toEqual([]);
  });
});

test.each([
  [['--trails', '3'], /^zobench: unknown option --trails: did you mean --trials\? [^\n]+\n$/],
  [['--start', '0'], /^zobench: --start 0: a number above 0 is needed\n$/],
  [['--optimizer', 'zo-sdg'], /^zobench: unknown optimizer zo-sdg: did you mean zo-sgd\? [^\n]+\n$/],
])('%j is one line and exit code 2', async (argv, line) => {
  const { code, stdout, stderr } = await tune(...argv);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toMatch(line);
});

test('--help shows every option', async () => {
  const { code, stdout } = await tune('--help');
  expect(code).toBe(0);
  for (const name of ['optimizer', 'start', 'trials', 'seeds', 'forwards']) expect(stdout).toContain(`--${name} `);
});

test('searches where nothing is named what --help says', async () => {
  const { stdout } = await tune('--help');
  expect((await tune('--optimizer', 'zo-sgd', '--trials', '1')).code).toBe(0);
  const searched = found() as Record<'model' | 'task' | 'scheme', string>[];
  for (const axis of ['model', 'task', 'scheme'] as const) {
    const names = [...new Set(searched.map((search) => search[axis]))].join(', ');
    expect(stdout).toMatch(new RegExp(`^ +--${axis} .*; default: ${names} `, 'm'));
  }
});
