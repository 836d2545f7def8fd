import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Catalog } from '../../../benchmarks/plan/catalog.js';
import { UnfitError } from '../../../engine/errors.js';
import { benchWith, type Ran } from '../fixtures/bench.js';
import { fakeParts } from '../fixtures/parts.js';

let folder = '';
beforeEach(() => {
  folder = path.join(mkdtempSync(path.join(tmpdir(), 'run-')), 'out');
});
afterEach(() => rmSync(path.dirname(folder), { recursive: true }));

const bench = (...argv: string[]): Promise<Ran> => benchWith(fakeParts.catalog, ...argv);
const one = ['--model', 'opt-mini', '--scheme', 'full', '--optimizer', 'zo-sgd', '--seeds', '1', '--steps', '5'];
const records = () => readdirSync(path.join(folder, 'records'));
const states = () => records().map((name) => stateIn(readFileSync(path.join(folder, 'records', name), 'utf8')));
const stateIn = (text: string) => (JSON.parse(text) as { state: string }).state;

describe('a run', () => {
  test('in which all is well writes its records and environment, prints the report and returns 0', async () => {
    const { code, stdout } = await bench('--grid', 'smoke', '--out', folder);
    expect(code).toBe(0);
    expect(stdout).toBe('report of out\n');
    expect(states()).toEqual(Array(4).fill('completed'));
    expect(readdirSync(folder).sort()).toEqual(['environment.json', 'records', 'run.json']);
  });

  test('shows control characters of its folder escaped', async () => {
    const { stderr } = await bench(...one, '--task', 'sst2', '--out', `${folder}\n\u001b[2J`);
    expect(stderr.split('\n')[0]).toBe(`${folder}${String.raw`\n\u001b`}[2J: 1 cells, 0 of them there already`);
  });

  test('says what nobody knows of a model once, however many its cells are; the record of each says it, whatever came of the cell', async () => {
    const modelSize = async (name: string, scheme: string) => ({
      ...(await fakeParts.catalog.modelSize(name, scheme)),
      warnings: [`${name}: odd`],
    });
    const axes = [
      '--task',
      'sst2,diverges',
      '--scheme',
      'full',
      '--optimizer',
      'zo-sgd',
      '--seeds',
      '2',
      '--steps',
      '5',
      '--model',
      'opt-mini',
      '--out',
      folder,
    ];
    const { code, started, stderr } = await benchWith({ ...fakeParts.catalog, modelSize }, ...axes);
    expect([code, started, stderr.match(/^warning: .*$/gm)]).toEqual([1, 4, ['warning: opt-mini: odd']]);
    expect(states().sort()).toEqual(['completed', 'completed', 'diverged', 'diverged']);
    for (const name of records()) {
      const record: unknown = JSON.parse(readFileSync(path.join(folder, 'records', name), 'utf8'));
      expect(record).toMatchObject({ warnings: ['opt-mini: odd'] });
    }
  });

  test('says once for each task how many training items ask the same as a test item', async () => {
    const overlap: Catalog['overlap'] = ({ task, scheme }) => Promise.resolve(task === 'logs' && scheme === 'lora' ? 7 : 0);
    const axes = ['--task', 'sst2,logs', '--scheme', 'full,lora', '--optimizer', 'zo-sgd', '--seeds', '2', '--steps', '5'];
    for (const more of [['--out', folder], ['--plan']]) {
      const { stderr } = await benchWith({ ...fakeParts.catalog, overlap }, ...axes, '--model', 'opt-mini,llama-mini', ...more);
      expect(stderr.match(/^.*ask the same.*$/gm)).toEqual(['logs: 7 training items ask the same as a test item and are left out']);
    }
  });

  test('of many crosses leaves out those that cannot be and says so once each; of those alone it is refused', async () => {
    const unfit = new UnfitError('lora is not for sst2');
    const checkScheme: Catalog['checkScheme'] = ({ scheme }) => (scheme === 'lora' ? Promise.reject(unfit) : Promise.resolve());
    const picky = { ...fakeParts.catalog, checkScheme };
    const axes = ['--optimizer', 'zo-sgd,fo-sgd', '--seeds', '2', '--steps', '5', '--model', 'opt-mini', '--out', folder];
    const some = await benchWith(picky, '--scheme', 'full,lora', ...axes);
    expect([some.code, some.started, some.stderr.match(/^left out: .*$/gm)]).toEqual([0, 4, ['left out: lora is not for sst2']]);
    const none = await benchWith(picky, '--scheme', 'lora', ...axes);
    expect([none.code, none.stderr]).toEqual([2, 'zobench: lora is not for sst2\n']);
  });

  test('leaves the seed log of a cell that has one, and its record says where', async () => {
    await bench(...one, '--task', 'logs,sst2', '--out', folder);
    const [log] = readdirSync(path.join(folder, 'seed-logs'));
    const record = (name: string) => JSON.parse(readFileSync(path.join(folder, name), 'utf8')) as Record<string, unknown>;
    const file = `seed-logs/${log ?? ''}`;
    expect(
      records()
        .map((name) => record(path.join('records', name)).seedLog)
        .sort(),
    ).toEqual([null, file].sort());
    const { settings, versions, seedLog } = record(path.join('records', log ?? ''));
    expect(seedLog).toBe(file);
    expect(record(file)).toMatchObject({ cell: log?.replace('.json', ''), settings, versions, step: 1, parametersSha256: '11' });
  });

  test('that ends a cell without a seed log removes the one that an earlier run of the cell left', async () => {
    const argv = [...one, '--task', 'logs', '--out', folder];
    await bench(...argv);
    expect(readdirSync(path.join(folder, 'seed-logs'))).toHaveLength(1);
    rmSync(path.join(folder, 'records', records()[0] ?? ''));
    expect(await bench(...argv, '--timeout', '0.001')).toMatchObject({ started: 1, code: 1 });
    expect(states()).toEqual(['timed-out']);
    expect(readdirSync(path.join(folder, 'seed-logs'))).toEqual([]);
  });

  test('with cells that die names them with their reasons and returns 1, and the others complete', async () => {
    const { code, stderr } = await bench(...one, '--task', 'throws,sst2,diverges', '--out', folder);
    expect(code).toBe(1);
    expect(states().sort()).toEqual(['completed', 'diverged', 'failed']);
    expect(stderr).toContain('2 of 3 cells did not complete');
    expect(stderr).toContain('  failed  opt-mini throws full zo-sgd seed 0: Error: no such tensor\n');
  });

  test('records a result that does not fit the schema as failed, with the field', async () => {
    const { code, stderr } = await bench(...one, '--task', 'sends-half', '--out', folder);
    expect(code).toBe(1);
    expect(stderr).toContain("the cell's result is not a valid record: curve:");
  });

  test.each(['sends-null', 'sends-text', 'sends-other-end', 'sends-no-body'])(
    'in which a worker %s fails that cell alone',
    async (task) => {
      expect((await bench(...one, '--task', `${task},sst2`, '--out', folder)).code).toBe(1);
      expect(states().sort()).toEqual(['completed', 'failed']);
    },
  );
});

describe('the second run in a folder', () => {
  test('skips what is there, and runs what is new', async () => {
    await bench(...one, '--out', folder);
    const wider = await bench(...one.with(one.indexOf('--seeds') + 1, '3'), '--out', folder);
    expect(wider.stderr).toContain('3 cells, 1 of them there already');
    expect(wider.started).toBe(2);
    expect(states()).toEqual(Array(3).fill('completed'));
  });

  test('keeps a cell that did not complete, and runs it again with --retry', async () => {
    const argv = [...one, '--task', 'throws,sst2', '--out', folder];
    await bench(...argv);
    expect(await bench(...argv)).toMatchObject({ started: 0, code: 1 });
    expect(await bench(...argv, '--retry')).toMatchObject({ started: 1, code: 1 });
  });

  test('runs a cell again whose record is unreadable', async () => {
    await bench(...one, '--out', folder);
    writeFileSync(path.join(folder, 'records', records()[0] ?? ''), '{"state":');
    expect(await bench(...one, '--out', folder)).toMatchObject({ started: 1, code: 0 });
  });

  test("runs a cell again when the user's own optimizer is another, whatever its time, and says so", async () => {
    const optimizer = path.join(path.dirname(folder), 'mine.mjs');
    const write = (text: string, time: Date) => {
      writeFileSync(optimizer, text);
      utimesSync(optimizer, time, time);
    };
    const argv = ['--model', 'opt-mini', '--scheme', 'full', '--optimizer', optimizer, '--seeds', '2', '--out', folder];
    write('1', new Date(0));
    await bench(...argv);
    write('1', new Date(Date.now() + 1000));
    expect((await bench(...argv)).started).toBe(0);
    write('2', new Date(0));
    const { started, stderr } = await bench(...argv);
    expect(started).toBe(2);
    expect(stderr).toMatch(/^2 cells run again: optimizer mine has changed\n/);
  });

  test('runs a cell again whose files changed while it ran: what it came to is of neither', async () => {
    const argv = [...one, '--task', 'reads-other-data', '--out', folder];
    const { code, stderr } = await bench(...argv);
    expect([code, states()]).toEqual([1, ['failed']]);
    expect(stderr).toContain(': changed after the run was planned: data of reads-other-data: dev.tsv\n');
    expect(existsSync(path.join(folder, 'seed-logs'))).toBe(false);
    const again = await bench(...argv);
    expect(again.started).toBe(1);
    expect(again.stderr).toMatch(/^1 cell runs again: the record does not say what the cell was made of\n/);
  });

  test('keeps a cell whose model or data are not here any more, and says so in a line', async () => {
    const inputs = { model: { 'config.json': '33'.repeat(32) }, data: { 'dev.tsv': '44'.repeat(32) } };
    const withInputs = { ...fakeParts.catalog, inputsOf: () => Promise.resolve(inputs) };
    const argv = [...one.with(one.indexOf('--seeds') + 1, '2'), '--out', folder];
    await benchWith(withInputs, ...argv);
    expect((await benchWith(withInputs, ...argv)).stderr).toMatch(/^\S+: 2 cells, 2 of them there already\n$/);
    const { started, stderr } = await benchWith({ ...withInputs, inputsOf: () => Promise.resolve({}) }, ...argv);
    expect(started).toBe(0);
    expect(stderr).toMatch(/^not on this machine, so taken to be as recorded: model opt-mini, data of sst2\n/);
  });

  test('with --resume knows what the folder was started with', async () => {
    await bench(...one, '--out', folder);
    await bench(...one, '--task', 'throws', '--out', folder);
    const { stderr } = await bench('--resume', '--out', folder);
    expect(stderr).toContain('2 cells, 2 of them there already');
  });
});

test('--resume with a budget goes on with that for the optimizers without backpropagation', async () => {
  await bench(...one, '--out', folder);
  const { code, stderr } = await bench('--resume', '--forwards', '6', '--out', folder);
  expect(code).toBe(0);
  expect(stderr).toContain('1 cells, 0 of them there already');
});

describe('--resume of an optimizer of the own with options', () => {
  const file = () => path.join(path.dirname(folder), 'mine.mjs');
  const resumed = (...argv: string[]) => bench('--resume', ...argv, '--out', folder);

  beforeEach(async () => {
    writeFileSync(file(), '1');
    const optimizers = `${file()}:q=2,${file()}:q=4`;
    await bench('--model', 'opt-mini', '--scheme', 'full', '--optimizer', optimizers, '--seeds', '1', '--steps', '5', '--out', folder);
  });

  test('needs its file given again, and says how', async () => {
    const { code, stderr } = await resumed();
    expect(code).toBe(2);
    expect(stderr).toMatch(/run\.json names an optimizer of your own, [^\n]*: --optimizer \S+mine\.mjs:q=2,\S+mine\.mjs:q=4\n$/);
  });

  test('goes on with the options that it was started with, wherever the file lies now', async () => {
    const moved = path.join(path.dirname(folder), 'moved');
    mkdirSync(moved);
    writeFileSync(path.join(moved, 'mine.mjs'), '1');
    for (const given of [`${file()}:q=2,${file()}:q=4`, file(), `${file()}:q=4`, path.join(moved, 'mine.mjs')]) {
      expect((await resumed('--optimizer', given)).stderr).toContain('2 cells, 2 of them there already');
    }
  });

  test('takes other options, and other optimizers, in their place', async () => {
    expect((await resumed('--optimizer', `${file()}:q=8`)).stderr).toContain('1 cells, 0 of them there already');
    expect((await resumed('--optimizer', 'zo-sgd')).stderr).toContain('1 cells, 0 of them there already');
  });
});

test('--resume runs as many cells at a time as the run it goes on with', async () => {
  const argv = ['--task', 'throws', '--scheme', 'full', '--optimizer', 'zo-sgd', '--model', 'opt-mini', '--jobs', '2', '--out', folder];
  await bench(...argv);
  const { stderr } = await bench('--resume', '--retry', '--out', folder);
  expect(stderr).toMatch(/^start .*\nstart /m);
});

describe('wrong usage', () => {
  test.each([
    [['--stpes', '3'], /^zobench: unknown option --stpes: did you mean --steps\? [^\n]+\n$/],
    [['--optimizer', 'zo-sdg'], /^zobench: unknown optimizer zo-sdg: did you mean zo-sgd\? [^\n]+\n$/],
    [['--resume'], /^zobench: --resume: which run\? [^\n]+\n$/],
    [['--resume', '--out', 'no/such/run'], /^zobench: --resume: no\/such\/run holds no run to go on with[^\n]+\n$/],
  ])('%j is one line and exit code 2, before anything runs', async (argv, line) => {
    const { code, stdout, stderr } = await bench(...argv);
    expect(code).toBe(2);
    expect(stderr).toMatch(line);
    expect(stdout).toBe('');
  });

  test('in the last of many names runs none of the others', async () => {
    expect((await bench('--optimizer', 'zo-sgd,nothing', '--out', folder)).code).toBe(2);
    expect(existsSync(folder)).toBe(false);
  });
});

describe('--plan', () => {
  test('names a record that is none, as the run that follows does', async () => {
    await bench(...one, '--out', folder);
    const [name = ''] = records();
    const file = path.join(folder, 'records', name);
    writeFileSync(file, readFileSync(file, 'utf8').replace('"score": 0.5', '"score": 7'));
    const { code, stdout, stderr } = await bench(...one, '--plan', '--out', folder);
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^1 of 1 cells to run/m)]);
    expect(stderr).toMatch(new RegExp(`^records/${name}: zeroShot\\.dev\\.score: [^\\n]+; delete the file, or let [^\\n]+\\n$`));
    expect((await bench(...one, '--out', folder)).stderr).toContain(`${name}: zeroShot.dev.score: `);
  });

  test('needs a configuration to estimate from', async () => {
    const { code, stderr } = await bench('--plan', '--model', path.dirname(folder));
    expect(code).toBe(2);
    expect(stderr).toMatch(/^zobench: .*config\.json does not exist/);
  });
});
