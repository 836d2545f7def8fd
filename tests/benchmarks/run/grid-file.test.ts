import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { benchWith, type Ran } from '../fixtures/bench.js';
import { fakeParts } from '../fixtures/parts.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'grid-run-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const bench = (...argv: string[]): Promise<Ran> => benchWith(fakeParts.catalog, ...argv);

function grid(text: string): string {
  const file = path.join(folder, 'mine.yaml');
  writeFileSync(file, text);
  return file;
}

interface Recorded {
  readonly cell: string;
  readonly settings: Readonly<Record<string, unknown>>;
}
const recordsIn = (out: string): Recorded[] =>
  readdirSync(path.join(out, 'records')).map((name) => JSON.parse(readFileSync(path.join(out, 'records', name), 'utf8')) as Recorded);

const RATES = 'model: opt-mini\ntask: sst2\nscheme: full\noptimizer: zo-sgd\nsteps: 5\nseeds: 2\nlearning-rate: [1e-4, 1e-3, 1e-2]\n';

describe('a run of a grid file', () => {
  test('has a cell for each learning rate and seed; what the command line says goes before the file', async () => {
    const out = path.join(folder, 'out');
    const { code } = await bench(grid(RATES), '--steps', '6', '--out', out);
    const settings = recordsIn(out).map(({ settings: { learningRate, seed, steps } }) => [learningRate, seed, steps]);
    expect(code).toBe(0);
    expect(settings.sort()).toEqual([1e-4, 1e-3, 1e-2].flatMap((rate) => [0, 1].map((seed) => [rate, seed, 6])).sort());
  });

  test('goes on with --resume, without the file', async () => {
    const out = path.join(folder, 'out');
    await bench(grid(RATES), '--out', out);
    rmSync(path.join(out, 'records', readdirSync(path.join(out, 'records'))[0] ?? ''));
    rmSync(path.join(folder, 'mine.yaml'));
    const { code, started } = await bench('--resume', '--out', out);
    expect([code, started, recordsIn(out).length]).toEqual([0, 1, 6]);
  });

  test.each([
    [['smoke'], 'unexpected argument smoke: a grid of zobench is given as --grid smoke'],
    [['a.yaml', 'b.yaml'], 'b.yaml: one grid file is run at a time'],
    [['a.yaml', '--resume', '--out', 'x'], 'a.yaml: --resume goes on with what the folder was started with; leave the file out'],
    [['no-such.yaml'], 'no-such.yaml does not exist'],
  ])('%j is refused in a line', async (argv, line) => {
    const { code, stderr } = await bench(...argv);
    expect([code, stderr]).toEqual([2, `zobench: ${line}\n`]);
  });
});

describe('shards', () => {
  test('share the cells of a run, each in one of them; their records together are those of the whole', async () => {
    const file = grid(RATES);
    const parts = ['1/3', '2/3', '3/3'];
    const shares = await Promise.all(
      parts.map(async (shard, index) => {
        const out = path.join(folder, `part-${index}`);
        const { code } = await bench(file, '--shard', shard, '--out', out);
        expect(code).toBe(0);
        return readdirSync(folder).includes(`part-${index}`) ? recordsIn(out).map(({ cell }) => cell) : [];
      }),
    );
    await bench(file, '--out', path.join(folder, 'whole'));
    const whole = recordsIn(path.join(folder, 'whole')).map(({ cell }) => cell);
    expect(shares.flat().sort()).toEqual(whole.sort());
    expect(new Set(shares.flat()).size).toBe(6);
  });

  test('are of nearly equal size where the cells are many', async () => {
    const file = grid(RATES.replace('seeds: 2', 'seeds: 100'));
    const cellsOf = async (shard: string) => Number(/(\d+) cells/.exec((await bench(file, '--plan', '--shard', shard)).stdout)?.[1]);
    const sizes = await Promise.all(['1/2', '2/2'].map(cellsOf));
    expect(sizes.reduce((a, b) => a + b)).toBe(300);
    // Of 300 fair coins fewer than 110 or more than 190 heads come up once in a hundred thousand times.
    sizes.forEach((size) => expect(Math.abs(size - 150)).toBeLessThan(40));
  });

  test('without a cell end well and leave no folder', async () => {
    const out = path.join(folder, 'out');
    const one = RATES.replace('seeds: 2', 'seeds: 1').replace('[1e-4, 1e-3, 1e-2]', '1e-3');
    const all = await Promise.all(['1/2', '2/2'].map((shard) => bench(grid(one), '--shard', shard, '--out', `${out}-${shard[0]}`)));
    expect(all.map(({ code, started }) => [code, started]).sort()).toEqual([
      [0, 0],
      [0, 1],
    ]);
    expect(readdirSync(folder).filter((name) => name.startsWith('out'))).toHaveLength(1);
    expect(all.map(({ stderr }) => stderr).join('')).toMatch(/^--shard \d\/2: none of the cells falls in this part$/m);
  });

  test.each([
    ['0/2', '--shard 0/2: a part of how many is needed, such as 1/4'],
    ['3/2', '--shard 3/2: there are 2 parts'],
  ])('%s is refused in a line', async (shard, line) => {
    const { code, stderr } = await bench(grid(RATES), '--shard', shard);
    expect([code, stderr]).toEqual([2, `zobench: ${line}\n`]);
  });
});
