import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { runCompare } from '../../../benchmarks/compare/run.js';
import { openRunFolder, writeRecord } from '../../../benchmarks/run/run-folder.js';
import type { CellRecord, CellSettings } from '../../../records/index.js';
import { completedRecord, endedRecord, type FakeMeasurement } from '../../reports/fake-records.js';
import { fakeParts } from '../fixtures/parts.js';

let folder = '';
const at = (name: string): string => path.join(folder, name);
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'compare-folders-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function run(name: string, ...records: readonly CellRecord[]): string {
  openRunFolder(at(name))();
  records.forEach((record) => writeRecord(at(name), record));
  return at(name);
}

/** Of 8 seeds, whose scores are a base and a little of their own. */
const seeds = (settings: Partial<CellSettings>, base: number, measured: FakeMeasurement = {}): CellRecord[] =>
  Array.from({ length: 8 }, (_, seed) => completedRecord({ ...settings, seed }, { testAccuracy: base + seed / 500, ...measured }));

async function compare(...argv: string[]) {
  const [stdout, stderr] = [new PassThrough({ encoding: 'utf8' }), new PassThrough({ encoding: 'utf8' })];
  const code = await runCompare([...argv, '--out', at('out')], { ...fakeParts, stdout, stderr });
  return { code, stdout: String(stdout.read() ?? ''), stderr: String(stderr.read() ?? '') };
}

describe('two run folders', () => {
  test('are compared optimizer by optimizer, the first as candidate; nothing is run', async () => {
    const [mine, theirs] = [run('mine', ...seeds({ optimizer: 'mine' }, 0.8)), run('theirs', ...seeds({ optimizer: 'zo-sgd' }, 0.7))];
    const { code, stdout } = await compare(mine, theirs);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^\*\*mine against zo-sgd: better\.\*\* \+10\.0 points of test accuracy .*, 8 pairs of runs in 1 cell;/);
    expect(stdout).toContain('NOT TUNED FOR THIS COMPARISON but compared as it was run');
    expect(readdirSync(at('out')).sort()).toEqual(['compare-cells.csv', 'compare.csv', 'compare.md', 'plots', 'report.html']);
  });

  test('that have an optimizer in common are told apart by their names, as two versions of a program are', async () => {
    const [before, after] = [run('before', ...seeds({}, 0.7)), run('after', ...seeds({}, 0.75))];
    expect((await compare(after, before)).stdout).toMatch(/^\*\*zo-sgd \(after\) against zo-sgd \(before\): better\.\*\* \+5\.0 points/);
  });

  test('give each optimizer the learning rate that did best on dev, and say how many each had', async () => {
    const a = run(
      'a',
      ...seeds({ optimizer: 'mine', learningRate: 1 }, 0.9, { devScore: 0.5 }),
      ...seeds({ optimizer: 'mine', learningRate: 2 }, 0.6, { devScore: 0.8 }),
    );
    const { stdout } = await compare(a, run('b', ...seeds({}, 0.7)));
    expect(stdout).toMatch(/^\*\*mine against zo-sgd: worse\.\*\* −10\.0 points/);
    expect(stdout).toContain('of which the best on dev counts: mine 2, zo-sgd 1.');
    expect(readFileSync(at('out/compare.md'), 'utf8')).toMatch(/\| mine \| 2 as run \|/);
  });

  test('say what the runs differ in beside the optimizer', async () => {
    const { stdout } = await compare(run('a', ...seeds({ optimizer: 'mine', steps: 10 }, 0.8)), run('b', ...seeds({ steps: 20 }, 0.8)));
    expect(stdout).toContain('Beside the optimizer the runs differ in steps (mine 10, zo-sgd 20).');
  });

  test('count seeds that died as lost', async () => {
    const ended = endedRecord({ optimizer: 'mine', seed: 8 });
    const { stdout } = await compare(run('a', ...seeds({ optimizer: 'mine' }, 0.8), ended), run('b', ...seeds({}, 0.7)));
    expect(stdout).toContain('Runs that did not complete: mine 1.');
  });

  test('are no pair where their items differ', async () => {
    const a = run('a', ...seeds({ optimizer: 'mine', trainSize: 10 }, 0.8));
    const { code, stderr } = await compare(a, run('b', ...seeds({}, 0.7)));
    expect([code, stderr]).toEqual([2, 'zobench: opt-mini, sst2, full: runs with other items are no pairs: trainSize is 10 and 1000\n']);
  });

  test('are refused where an optimizer has several settings in a cell, for which would count?', async () => {
    const a = run('a', ...seeds({ optimizer: 'mine', steps: 10 }, 0.8), ...seeds({ optimizer: 'mine', steps: 20 }, 0.8));
    const { code, stderr } = await compare(a, run('b', ...seeds({}, 0.7)));
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /^zobench: opt-mini, sst2, full: mine was run with several settings \(mine, steps 10; mine, steps 20\): [^\n]+\n$/,
    );
  });
});

describe('one run folder', () => {
  test('has its optimizers named; whoever is not named is on the other side', async () => {
    const all = run('all', ...seeds({ optimizer: 'mine' }, 0.8), ...seeds({}, 0.7), ...seeds({ optimizer: 'zo-adam' }, 0.6));
    const { stdout } = await compare(all, '--candidate', 'mine');
    expect(stdout).toContain('**mine against zo-sgd: better.**');
    expect(stdout).toContain('**mine against zo-adam: better.**');
  });

  test.each([
    [[], /^zobench: --candidate: which optimizer is in question\? [^\n]+\n$/],
    [['--candidate', 'yours'], /^zobench: yours is in none of these runs, which have mine, zo-sgd\n$/],
    [['--candidate', 'mine', '--baseline', 'mine'], /^zobench: mine is given twice: [^\n]+\n$/],
    [['--candidate', 'mine', '--train-size', '3'], /^zobench: --train-size: of run folders nothing is run; leave it out\n$/],
  ])('with %j is refused in a line, and nothing is written', async (argv, line) => {
    const all = run('all', ...seeds({ optimizer: 'mine' }, 0.8), ...seeds({}, 0.7));
    const { code, stderr } = await compare(all, ...argv);
    expect(code).toBe(2);
    expect(stderr).toMatch(line);
    expect(existsSync(at('out'))).toBe(false);
  });

  test('that is none is named', async () => {
    expect((await compare(at('nothing'), at('nothing-else'))).stderr).toMatch(/^zobench: .*nothing: no folder "records" in it[^\n]+\n$/);
  });
});
