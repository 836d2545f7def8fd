import { ownCodeSha256 } from '../../../own-code/index.js';
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { catalog as whole, planningCatalog } from '../../../benchmarks/plan/known-catalog.js';
import { planCells } from '../../../benchmarks/plan/cells.js';
import { type Catalog } from '../../../benchmarks/plan/catalog.js';
import { type Cell } from '../../../benchmarks/plan/cell.js';
import type { Options } from '../../../benchmarks/plan/arguments.js';
import { defaultHyperparameters } from '../../../benchmarks/plan/hyperparameters.js';
import { changedInputs, plannedInputs } from '../../../cell/inputs.js';
import { runBench } from '../../../benchmarks/run/run.js';
import { bundledModelFolder } from '../../../models/index.js';
import { resolveOptimizer, type Optimizer } from '../../../optimizers/index.js';
import { markdownTable, summarise } from '../../../reports/index.js';
import { packRecords, readRecords } from '../../../records/read.js';
import { jsonl } from '../../support/data-folder.js';
import { writeTinyCheckpoint } from '../../support/tiny-checkpoint.js';
import { fakeParts } from '../fixtures/parts.js';

const root = mkdtempSync(path.join(tmpdir(), 'zobench-identity-'));
afterAll(() => rmSync(root, { recursive: true }));

const at = (...parts: readonly string[]): string => path.join(root, ...parts);
/** Forces a file to be read again: its time says nothing. */
const write = (file: string, text: string): void => {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
  utimesSync(file, new Date(0), new Date(0));
};

const items = (label: number): object[] => Array.from({ length: 60 }, (_, k) => ({ text: `film number ${k}`, label: (k + label) % 2 }));
const tsv = (label: number): string =>
  ['sentence\tlabel', ...Array.from({ length: 60 }, (_, k) => `film number ${k + 100 * label}\t${k % 2}`), ''].join('\n');
const own = (id: string, body = ''): string => `import { half } from './lib.js';
export const mine = {
  id: '${id}', order: 'zeroth', cost: { forwards: 2, backwards: 0 }, defaults: { learningRate: half, epsilon: 1 }, stateArrays: 0,
  init: () => undefined, step: () => { ${body} return Promise.resolve({ loss: 0 }); },
};`;

beforeAll(() => {
  writeTinyCheckpoint(at('here', 'tiny'));
  write(at('here', 'data', 'SST-2', 'train.tsv'), tsv(0));
  write(at('here', 'data', 'SST-2', 'dev.tsv'), tsv(1));
  write(at('here', 'films.jsonl'), jsonl(...items(0)));
  write(at('here', 'mine.mjs'), own('mine'));
  write(at('here', 'lib.js'), 'export const half = 0.5;');
  cpSync(at('here'), at('there', 'deeper'), { recursive: true });
  symlinkSync(at('here'), at('link'));
});

const asked = (folder: string): Options => ({
  model: [path.join(folder, 'tiny')],
  optimizer: [path.join(folder, 'mine.mjs')],
  scheme: ['full'],
  seeds: 1,
  task: ['sst2', path.join(folder, 'films.jsonl')],
  data: path.join(folder, 'data'),
  trainSize: 20,
  devSize: 10,
  testSize: 10,
  prompt: '{text} is',
  candidates: ' bad, good',
  label: 'label',
});

/** Own optimizers are loaded here, each once: that a plan asks them in processes of their own is tested elsewhere. */
const loaded = new Map<string, Promise<Optimizer>>();
const traitsOf = (name: string): Promise<Optimizer> => {
  const found = loaded.get(name) ?? resolveOptimizer(name);
  loaded.set(name, found);
  return found;
};
const catalog: Catalog = {
  ...whole,
  resolveOptimizer: traitsOf,
  defaultHyperparameters: (cell) => defaultHyperparameters(cell, traitsOf),
};

const plan = (options: Options): Promise<Cell[]> => planCells(options, catalog);
const same = (cells: readonly Cell[]) => cells.map(({ id, settings, inputs }) => ({ id, settings, inputs }));

describe('a cell', () => {
  test('has the same id and the same inputs wherever its files lie and however their paths are spelt', async () => {
    const cells = await plan(asked(at('here')));
    expect(cells.map(({ settings: { model, task, optimizer, data } }) => [model, task, optimizer, data])).toEqual([
      ['tiny', 'sst2', 'mine', 'files'],
      ['tiny', 'films', 'mine', 'files'],
    ]);
    expect(cells.map(({ id }) => /^c[0-9a-f]{15}$/.test(id))).toEqual([true, true]);
    for (const spelt of [path.relative('.', at('here')), `${at('here')}/../here/.`, at('link'), at('there', 'deeper')]) {
      expect(same(await plan(asked(spelt)))).toEqual(same(cells));
    }
    const nearer = { ...asked(at('here')), data: at('here', 'data', 'SST-2') };
    expect(same(await plan(nearer))).toEqual(same(cells));
  });

  test('of a bundled model is the same where the folder of that is given', async () => {
    const options = {
      ...asked(at('here')),
      optimizer: ['zo-sgd'],
      task: ['sst2'],
      prompt: undefined,
      candidates: undefined,
      label: undefined,
    };
    const [byName, byFolder] = [
      await plan({ ...options, model: ['opt-mini'] }),
      await plan({ ...options, model: [bundledModelFolder('opt-mini')] }),
    ];
    expect(byFolder).toEqual(byName);
  });

  test('holds the hash of every file that it is made of', async () => {
    const [cell] = await plan(asked(at('here')));
    const files = Object.keys(cell?.inputs.model ?? {});
    expect(files).toEqual(['config.json', 'model.safetensors', 'tokenizer.json', 'tokenizer_config.json']);
    expect(Object.keys(cell?.inputs.data ?? {})).toEqual(['dev.tsv', 'train.tsv']);
    const { stdout } = spawnSync('sha256sum', [at('here', 'tiny', 'model.safetensors')], { encoding: 'utf8' });
    expect(cell?.inputs.model?.['model.safetensors']).toBe(stdout.split(' ')[0]);
  });
});

describe('what has changed is found, whatever its time and size, and named', () => {
  const files = ['tiny/model.safetensors', 'tiny/config.json', 'tiny/tokenizer_config.json', 'films.jsonl'] as const;
  test.each(files)('%s', async (name) => {
    const folder = at(`changed-${path.basename(name)}`);
    cpSync(at('here'), folder, { recursive: true });
    const settings = (await plan(asked(folder)))[1];
    if (!settings) throw new Error('no cell');
    const located = { ...settings.settings, ...settings.places };
    const bytes = readFileSync(path.join(folder, name));
    bytes[bytes.length - 2] = (bytes[bytes.length - 2] ?? 0) ^ 1;
    writeFileSync(path.join(folder, 'new'), bytes);
    utimesSync(path.join(folder, 'new'), new Date(0), new Date(0));
    renameSync(path.join(folder, 'new'), path.join(folder, name));
    const now = await plannedInputs(located as Cell['settings'], 'causal');
    const what = name === 'films.jsonl' ? 'data of films' : 'model tiny';
    expect(changedInputs(settings.settings, now, settings.inputs)).toEqual([`${what}: ${path.basename(name)}`]);
  });

  test('an optimizer and what it imports; not where it lies, nor its comments', async () => {
    const hash = (folder: string) => ownCodeSha256('optimizer', path.join(folder, 'mine.mjs'));
    const before = await hash(at('here'));
    const folder = at('there', 'much', 'deeper');
    cpSync(at('here'), folder, { recursive: true });
    write(path.join(folder, 'lib.js'), '// half of one\nexport const half = 0.5;');
    expect(await hash(folder)).toBe(before);
    write(path.join(folder, 'lib.js'), 'export const half = 0.6;');
    expect(await hash(folder)).not.toBe(before);
    write(path.join(folder, 'lib.js'), 'module.exports = { half: 0.5 };');
    const commonJs = await hash(folder);
    cpSync(folder, at('elsewhere'), { recursive: true });
    expect(await hash(at('elsewhere'))).toBe(commonJs);
  });
});

describe('a name that stands for two things is refused:', () => {
  const refused = async (options: Options, message: RegExp) => expect(plan({ ...asked(at('here')), ...options })).rejects.toThrow(message);

  test('two models', async () => {
    cpSync(at('here', 'tiny'), at('other', 'tiny'), { recursive: true });
    write(at('other', 'tiny', 'tokenizer_config.json'), '{}');
    await refused(
      { model: [at('here', 'tiny'), at('other', 'tiny')] },
      /^model tiny stands for two that differ \(.*here\/tiny and .*other\/tiny\): .*rename one$/,
    );
    const copy = await plan({ ...asked(at('here')), model: [at('here', 'tiny'), at('there', 'deeper', 'tiny')] });
    expect(copy).toHaveLength(2);
  });

  test('two tasks, two optimizers', async () => {
    write(at('other', 'films.jsonl'), jsonl(...items(1)));
    write(at('other', 'lib.js'), 'export const half = 0.25;');
    write(at('other', 'my.mjs'), own('mine'));
    await refused({ task: [at('here', 'films.jsonl'), at('other', 'films.jsonl')] }, /^task films, files stands for two that differ/);
    await refused({ optimizer: [at('here', 'mine.mjs'), at('other', 'my.mjs')] }, /^optimizer mine stands for two that differ/);
  });

  test.each(['zo-sgd', 'zo-adam:q=2', 'none'])('an optimizer of the own and %s', async (id) => {
    write(at('taken', 'lib.js'), 'export const half = 0.5;');
    write(at('taken', `${id.slice(0, 6)}.mjs`), own(id));
    await refused({ optimizer: [at('taken', `${id.slice(0, 6)}.mjs`)] }, /: its id \S+ is one of zobench's: give it another$/);
  });

  test('a folder and a bundled model, a file and a built-in task', async () => {
    cpSync(at('here', 'tiny'), at('taken', 'opt-mini'), { recursive: true });
    write(at('taken', 'sst2.jsonl'), jsonl(...items(0)));
    await refused({ model: [at('taken', 'opt-mini')] }, /opt-mini is the name of a model of zobench: rename the folder$/);
    await refused({ task: [at('taken', 'sst2.jsonl')] }, /sst2 is the name of a task of zobench: rename the file$/);
  });
});

describe('through the command line', () => {
  const home = process.cwd();
  afterEach(() => process.chdir(home));

  /** With what zobench has, and cells that are run by nobody. */
  async function bench(cwd: string, ...argv: string[]) {
    process.chdir(cwd);
    const [stdout, stderr] = [new PassThrough({ encoding: 'utf8' }), new PassThrough({ encoding: 'utf8' })];
    const report = (folder: string) => Promise.resolve({ text: markdownTable(summarise(readRecords(folder).records)), data: null });
    const parts = { ...fakeParts, catalog, planningCatalog, report, stdout, stderr };
    const code = await runBench([...argv, '--threads', '1'], parts);
    return { code, stdout: (stdout.read() as string | null) ?? '', stderr: (stderr.read() as string | null) ?? '' };
  }
  const trained = (model: string, data: string) => [
    ...['--scheme', 'full', '--optimizer', 'zo-sgd', '--steps', '2', '--task', 'sst2', '--model', model, '--data', data],
    ...['--train-size', '20', '--dev-size', '10', '--test-size', '10'],
  ];
  const cellsIn = (out: string) => readdirSync(path.join(out, 'records')).sort();

  test('runs of two machines have the same ids and merge into one table; a packed run goes on; changed data run again', async () => {
    const [one, two] = [at('one'), at('two')];
    const first = await bench(at('here'), ...trained('./tiny', 'data'), '--seeds', '1', '--out', one);
    expect(first).toMatchObject({ code: 0, stderr: expect.stringContaining('1 cells, 0 of them there already') });
    await bench(at('there'), ...trained(at('there', 'deeper', 'tiny'), './deeper/data/'), '--seeds', '2', '--out', two);
    expect(cellsIn(two)).toEqual(expect.arrayContaining(cellsIn(one)));
    cpSync(path.join(two, 'records'), path.join(one, 'records'), { recursive: true });
    const merged = await bench(at('here'), '--resume', '--seeds', '2', '--out', one);
    expect(merged.stderr).toContain('2 cells, 2 of them there already');
    expect(merged.stdout.match(/^\| tiny /gm)).toHaveLength(1);

    packRecords(one, one);
    rmSync(path.join(one, 'records'), { recursive: true });
    write(at('here', 'data', 'SST-2', 'dev.tsv'), tsv(1));
    expect((await bench(at('here'), '--resume', '--plan', '--out', one)).stdout).toMatch(/^0 of 2 cells to run/m);
    write(at('here', 'data', 'SST-2', 'dev.tsv'), tsv(2));
    const changed = await bench(at('here'), '--resume', '--plan', '--out', one);
    expect(changed.stdout).toMatch(/^2 of 2 cells to run/m);
    expect(changed.stderr).toMatch(/^2 cells run again: data of sst2: dev\.tsv has changed$/m);
  });

  test('a plan without the data keeps what is recorded, and says so', async () => {
    const out = at('gone', 'out');
    cpSync(at('there', 'deeper'), at('gone'), { recursive: true });
    await bench(at('gone'), ...trained('./tiny', 'data'), '--seeds', '2', '--out', out);
    rmSync(at('gone', 'data', 'SST-2'), { recursive: true });
    // Spelt differently: what a process has read under one spelling, it does not read again.
    const { stdout, stderr } = await bench(at('gone'), ...trained('./tiny', './data'), '--seeds', '2', '--plan', '--out', out);
    expect(stderr).toMatch(/^not on this machine, so taken to be as recorded: data of sst2$/m);
    expect(stdout).toMatch(/^0 of 2 cells to run/m);
  });
});
