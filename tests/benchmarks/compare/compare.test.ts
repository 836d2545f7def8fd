import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { runCompare } from '../../../benchmarks/compare/run.js';
import { catalog } from '../../../benchmarks/plan/known-catalog.js';
import { readRecords } from '../../../records/read.js';
import { fakeParts } from '../fixtures/parts.js';

let folder = '';
beforeEach(() => {
  folder = path.join(mkdtempSync(path.join(tmpdir(), 'compare-')), 'out');
});
afterEach(() => rmSync(path.dirname(folder), { recursive: true }));

async function run(argv: readonly string[], parts = fakeParts) {
  const stdout = new PassThrough({ encoding: 'utf8' });
  const stderr = new PassThrough({ encoding: 'utf8' });
  const code = await runCompare(argv, { ...parts, stdout, stderr });
  const said = (stderr.read() as string | null) ?? '';
  return { code, stdout: (stdout.read() as string | null) ?? '', stderr: said, started: said.match(/^start /gm)?.length ?? 0 };
}

const contest = ['--candidate', 'zo-sgd:q=4', '--baseline', 'zo-sgd,fo-sgd'];
const small = ['--model', 'opt-mini', '--seeds', '2', '--forwards', '8'];
const compare = (...argv: string[]) => run([...contest, ...small, '--out', folder, ...argv]);
const optimizersIn = (records: string) => readRecords(records).records.map(({ settings }) => settings.optimizer);

describe('a comparison', () => {
  test('runs every optimizer on the same cells and seeds, writes its report, and goes on where it stopped', async () => {
    const { code, stdout, started } = await compare('--scheme', 'full,lora');
    expect([code, started]).toEqual([0, 12]);
    expect(stdout).toContain('**zo-sgd:q=4 against fo-sgd: not told apart.**');
    expect(stdout).toContain('Rates that the optimizer itself declares, tuned nowhere: fo-sgd, zo-sgd:q=4.');
    const written = ['compare-cells.csv', 'compare.csv', 'compare.md', 'environment.json', 'plots', 'records', 'report.html'];
    expect(readdirSync(folder).sort()).toEqual(written);
    expect((await compare('--scheme', 'full,lora')).started).toBe(0);
  });

  test('with --tune tries the same number of rates for each, on one test item, before the runs', async () => {
    const { code, started, stdout } = await compare('--scheme', 'lora', '--tune', '4');
    expect([code, started]).toEqual([0, 3 * 4 + 6]);
    const { records } = readRecords(path.join(folder, 'tuning'));
    expect(records.map(({ settings: { testSize, seed } }) => [testSize, seed])).toEqual(Array(12).fill([1, 0]));
    for (const optimizer of ['zo-sgd:q=4', 'zo-sgd', 'fo-sgd']) {
      const rates = records.filter(({ settings }) => settings.optimizer === optimizer).map(({ settings }) => settings.learningRate);
      expect(new Set(rates).size).toBe(4);
    }
    expect(optimizersIn(folder)).toHaveLength(6);
    expect(stdout).toContain('Tuned equally: each optimizer had 4 learning rates');
    expect((await compare('--scheme', 'lora', '--tune', '4')).started).toBe(0);
  });

  test('in which runs die says so, returns 1 and names the command that tries them again', async () => {
    const { code, stdout, stderr } = await compare('--scheme', 'lora', '--task', 'diverges');
    expect(code).toBe(1);
    expect(stdout).toContain('nothing to compare');
    expect(stderr).toMatch(/^to run them again: npm run compare -- --candidate zo-sgd:q=4 .* --retry$/m);
    expect((await compare('--scheme', 'lora', '--task', 'diverges', '--retry')).stderr).not.toContain('--retry --retry');
  });

  test('--plan lists the cells and runs nothing', async () => {
    const { code, stdout } = await compare('--scheme', 'lora', '--plan');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^6 of 6 cells to run/m);
  });
});

describe('wrong usage', () => {
  test.each([
    [['--baseline', 'zo-sgd'], /^zobench: --candidate: which optimizer is in question\? [^\n]+\n$/],
    [['--candidate', 'zo-sgd'], /^zobench: --baseline: which optimizers [^\n]+\n$/],
    [['--candidate', 'zo-sgd:q=1', '--baseline', 'zo-sgd'], /^zobench: zo-sgd is given twice: [^\n]+\n$/],
    [['--candidate', 'zo-sdg', '--baseline', 'zo-sgd'], /^zobench: unknown optimizer zo-sdg: did you mean zo-sgd\? [^\n]+\n$/],
    [[...contest, '--tune', '0'], /^zobench: --tune 0: a whole number of at least 1 is needed\n$/],
    [[...contest, '--learning-rate', '1'], /^zobench: unknown option --learning-rate[^\n]*\n$/],
    [[...contest, '--task', 'sst3'], /^zobench: unknown task sst3: [^\n]+\n$/],
  ])('%j is one line and exit code 2', async (argv, line) => {
    const { code, stdout, stderr } = await run(argv);
    expect(stderr).toMatch(line);
    expect([code, stdout]).toEqual([2, '']);
  });

  test.each([
    ['is missing', undefined, /does not exist/],
    ['is no TypeScript', 'export const mine = {', /cannot be loaded: [^\n]*mine\.ts:1:21: ERROR: Expected identifier/],
    ['throws', 'throw new Error("not today\\nnor tomorrow")', /cannot be loaded: not today nor tomorrow$/m],
    ['exports none', 'export const mine = { id: "mine" };', /exports no optimizer/],
  ])('a candidate file that %s is one line', async (_, source, says) => {
    const file = path.join(path.dirname(folder), 'mine.ts');
    if (source !== undefined) writeFileSync(file, source);
    const { code, stderr } = await run(['--candidate', file, '--baseline', 'zo-sgd'], { ...fakeParts, catalog });
    expect(code).toBe(2);
    expect(stderr).toMatch(says);
    expect(stderr).toMatch(/^zobench: [^\n]*mine\.ts[^\n]*\n$/);
  });

  test('several files are loaded at the same time, none of them lost', async () => {
    const source = (id: string) =>
      `export default { id: '${id}', order: 'zeroth', cost: { forwards: 2, backwards: 0 }, defaults: { learningRate: 1 }, stateArrays: 0, init() {}, step() {} };`;
    const files = ['a', 'b', 'c'].map((id) => {
      const file = path.join(path.dirname(folder), `${id}.ts`);
      writeFileSync(file, source(id));
      return file;
    });
    const resolved = await Promise.all(files.map((file) => catalog.resolveOptimizer(file)));
    expect(resolved.map(({ id }) => id)).toEqual(['a', 'b', 'c']);
  });
});

test('--help names the options and exits with 0', async () => {
  const { code, stdout } = await run(['--help']);
  expect(code).toBe(0);
  for (const option of ['--candidate', '--baseline', '--tune', '--forwards']) expect(stdout).toContain(option);
  expect(stdout).not.toContain('--learning-rate');
});
