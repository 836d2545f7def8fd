import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { projectFolder } from '../engine/index.js';
import { readRecords } from '../records/index.js';
import type { CompletedRecord } from '../records/index.js';

// The examples of docs/ that extend zobench, as a user has them: files in a folder of their own.

const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), 'extend-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** The page of each file. */
const SOURCES = {
  'first.ts': 'README',
  'mine.ts': 'extend-optimizers',
  'lion.ts': 'extend-optimizers',
  'weather.ts': 'extend-tasks',
  'bias.ts': 'extend-schemes',
};

/** The page's first example, or the one that begins with a file's name. */
function example(page: string, file = ''): string {
  const text = readFileSync(join(projectFolder, page === 'README' ? 'README.md' : `docs/${page}.md`), 'utf8');
  const codes = [...text.matchAll(/```ts\n([^]*?)```/g)].map(([, code = '']) => code);
  return codes.find((code) => file !== '' && code.startsWith(`// ${file}`)) ?? codes[0] ?? '';
}

const ITEMS = 60;
const report = (index: number) => ({
  report: `${index % 2 === 0 ? 'Bright sun over hill' : 'Heavy clouds over valley'} ${index}.`,
  label: index % 2 === 0 ? 'dry' : 'wet',
});

beforeAll(() => {
  for (const [file, page] of Object.entries(SOURCES)) writeFileSync(join(folder, file), example(page, file));
  const lines = Array.from({ length: ITEMS }, (_, index) => JSON.stringify(report(index)));
  mkdirSync(join(folder, 'my-data', 'weather'), { recursive: true });
  writeFileSync(join(folder, 'my-data/weather/train.jsonl'), lines.slice(0, 40).join('\n'));
  writeFileSync(join(folder, 'my-data/weather/test.jsonl'), lines.slice(40).join('\n'));
});

const program = join(projectFolder, 'dist/commands/zobench.js');

async function zobench(...argv: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  try {
    return { code: 0, ...(await run(process.execPath, [program, ...argv], { cwd: folder, encoding: 'utf8' })) };
  } catch (error) {
    return error as { code: number; stdout: string; stderr: string };
  }
}

const small = ['--model', 'opt-mini', '--seeds', '1', '--steps', '2', '--threads', '1', '--train-size', '16', '--dev-size', '8'];

function completedIn(out: string): CompletedRecord[] {
  return readRecords(join(folder, out)).records.filter((record) => record.state === 'completed');
}

describe('the examples of the pages', () => {
  test('an own optimizer with options, an own task and an own scheme run together', async () => {
    const own = [
      '--optimizer',
      './mine.ts:q=2:beta=0.5',
      '--task',
      './weather.ts',
      '--data',
      './my-data',
      '--scheme',
      './bias.ts:of=attention',
    ];
    const { code, stderr } = await zobench('run', ...own, ...small, '--test-size', '16', '--out', 'all');
    expect([code, stderr.split('\n').filter((line) => /fail|differ|zobench:/.test(line))]).toEqual([0, []]);
    const [record] = completedIn('all');
    expect(record?.settings).toMatchObject({ optimizer: 'mine:beta=0.5:q=2', task: 'weather', scheme: 'bias:of=attention', data: 'files' });
    expect(record?.places).toEqual({
      optimizer: './mine.ts:q=2:beta=0.5',
      task: './weather.ts',
      scheme: './bias.ts:of=attention',
      data: './my-data',
    });
    expect(Object.keys(record?.inputs ?? {}).sort()).toEqual(['data', 'model', 'optimizer', 'scheme', 'task', 'taskVersion']);
    expect(Object.keys(record?.inputs.data ?? {})).toEqual(['test.jsonl', 'train.jsonl']);
    expect(record?.generatedData).toBe(false);
  });

  test('a rule of programs trains as its formula says', async () => {
    const { code } = await zobench('run', '--optimizer', './lion.ts', '--task', 'sst2', ...small, '--out', 'lion', '--save');
    expect(code).toBe(0);
    const [record] = completedIn('lion');
    expect(record?.settings).toMatchObject({ optimizer: 'zo-lion', learningRate: 1e-4 });
    expect(record?.curve).toHaveLength(2);
  });

  test('the scheme trains the biases that it says', async () => {
    const { code } = await zobench(
      'run',
      '--scheme',
      './bias.ts,./bias.ts:of=attention',
      '--optimizer',
      'zo-sgd',
      '--task',
      'sst2',
      ...small,
      '--out',
      'biases',
    );
    expect(code).toBe(0);
    // opt-mini: in each block the attention's four projections, two norms and two linear layers have biases; and the last norm.
    const {
      hidden_size: width,
      ffn_dim: inner,
      num_hidden_layers: blocks,
    } = JSON.parse(readFileSync(join(projectFolder, 'models/bundled/opt-mini/config.json'), 'utf8')) as Record<
      'hidden_size' | 'ffn_dim' | 'num_hidden_layers',
      number
    >;
    const attention = blocks * 5 * width;
    const all = blocks * (4 * width + 2 * width + inner + width) + width;
    expect(completedIn('biases').map(({ trainableParameters, settings }) => [settings.scheme, trainableParameters])).toEqual(
      expect.arrayContaining([
        ['bias', all],
        ['bias:of=attention', attention],
      ]),
    );
  });

  test('a seed log made with an own scheme is replayed where the scheme is given, and only there', async () => {
    await zobench('run', '--optimizer', 'zo-sgd', '--task', 'sst2', '--scheme', './bias.ts', ...small, '--out', 'logged');
    const [record] = completedIn('logged');
    const log = join('logged', record?.seedLog ?? '');
    const refused = await zobench('replay', log, '--out', 'no');
    expect([refused.code, refused.stderr]).toEqual([
      2,
      `zobench: ${log} names a scheme of your own, whose code runs only where you give it: --scheme ./bias.ts\n`,
    ]);
    const { code, stdout } = await zobench('replay', log, '--scheme', './bias.ts', '--out', 'replayed');
    expect([code, stdout]).toEqual([0, expect.stringContaining('every parameter as it was, bit for bit')]);
  });

  test('a changed file has its cells run again, which says so; --resume asks for it', async () => {
    const argv = ['--optimizer', 'zo-sgd', '--task', 'sst2', '--scheme', './changing.ts', ...small, '--out', 'changing'];
    cpSync(join(folder, 'bias.ts'), join(folder, 'changing.ts'));
    await zobench('run', ...argv);
    expect((await zobench('run', ...argv)).stderr).toContain('1 of them there already');
    const resumed = await zobench('run', '--resume', '--out', 'changing');
    expect([resumed.code, resumed.stderr]).toEqual([
      2,
      expect.stringMatching(/run\.json names a scheme of your own.*--scheme \.\/changing\.ts\n$/),
    ]);
    writeFileSync(
      join(folder, 'changing.ts'),
      example('extend-schemes').replace("includes('attn')", "includes('fc')").replace("of === 'all'", 'true'),
    );
    expect((await zobench('run', ...argv)).stderr).toContain('1 cell runs again: scheme bias has changed');
  });

  test('diagnose, memory, speed and ls take an own scheme', async () => {
    const one = ['--model', 'opt-mini', '--scheme', './bias.ts', '--optimizer', 'zo-sgd'];
    const all = await Promise.all([
      zobench('diagnose', ...one, '--samples', '2', '--out', 'diagnosed'),
      zobench('memory', ...one, '--out', 'remembered'),
      zobench('speed', ...one, '--task', 'sst2', '--steps', '1', '--warmup', '0', '--batch', '2'),
      zobench('ls', 'schemes', './bias.ts'),
    ]);
    expect(all.map(({ code, stderr }) => [code, stderr.match(/zobench: .*/g)])).toEqual(Array(4).fill([0, null]));
    expect(all.at(-1)?.stdout).toMatch(/^\.\/bias\.ts\n +of=.*which biases are trained/m);
  });
});

describe('what is no extension is one line, whatever it does', () => {
  test.each([
    ['scheme', 'export default 3;', /exports no scheme: what defineScheme gives \(see docs\/extend-schemes\.md\)$/],
    ['scheme', example('extend-schemes').replace("'bias'", "'lora'"), /its id lora is one of zobench's: give it another$/],
    ['scheme', 'throw new Error("no\\nluck");', /^zobench: scheme file .* cannot be loaded: no luck$/],
    ['scheme', 'process.exit(0);', /^zobench: scheme file .* cannot be loaded: /],
    ['scheme', 'const x: = 3', /^zobench: scheme file .* cannot be loaded: .*Unexpected/],
    ['task', 'export default {};', /exports no task: what defineTask gives \(see docs\/extend-tasks\.md\)$/],
    ['task', example('extend-tasks').replace("'accuracy'", "'bleu'"), /metric: accuracy or f1 is needed \(see docs\/extend-tasks\.md\)$/],
    ['task', example('extend-tasks').replace("id: 'weather'", "id: 'sst2'"), /its id sst2 is one of zobench's: give it another$/],
    ['task', 'process.exit(3);', /^zobench: task file .* cannot be loaded: /],
  ])('a %s file, case %#', async (what, source, complaint) => {
    const file = join(mkdtempSync(join(folder, 'bad-')), 'bad.ts');
    writeFileSync(file, source);
    const { code, stderr } = await zobench('plan', '--optimizer', 'zo-sgd', '--model', 'opt-mini', `--${what}`, file);
    expect(code).toBe(2);
    expect(stderr.trimEnd()).toMatch(/^zobench: [^\n]+$/);
    expect(stderr.trimEnd()).toMatch(complaint);
  });

  test('an option that a scheme has not, and a row that a task does not take', async () => {
    const bad = await zobench('plan', '--optimizer', 'zo-sgd', '--model', 'opt-mini', '--scheme', './bias.ts:off=all');
    expect([bad.code, bad.stderr]).toEqual([2, expect.stringMatching(/^zobench: unknown option of bias off: did you mean of\? [^\n]*\n$/)]);
    mkdirSync(join(folder, 'broken/weather'), { recursive: true });
    for (const part of ['train', 'test']) writeFileSync(join(folder, `broken/weather/${part}.jsonl`), '{"report":"Sun.","label":"dim"}\n');
    const row = await zobench('plan', '--optimizer', 'zo-sgd', '--model', 'opt-mini', '--task', './weather.ts', '--data', 'broken');
    expect([row.code, row.stderr]).toEqual([
      2,
      expect.stringMatching(/^zobench: broken\/weather\/train\.jsonl:1: label: dry or wet is needed\n$/),
    ]);
  });
});

test('in another project the package gives an editor the types of all of it', async () => {
  const other = mkdtempSync(join(tmpdir(), 'extend-types-'));
  mkdirSync(join(other, 'node_modules'));
  symlinkSync(projectFolder, join(other, 'node_modules/zobench'));
  writeFileSync(join(other, 'package.json'), '{ "type": "module" }');
  for (const [file, page] of Object.entries(SOURCES)) writeFileSync(join(other, file), example(page, file));
  writeFileSync(join(other, 'wrong.ts'), example('extend-schemes').replace('name.endsWith', 'name.endWith'));
  const compilerOptions = { noEmit: true, strict: true, skipLibCheck: true, module: 'nodenext', target: 'es2022', types: [] };
  const check = async (...files: string[]): Promise<string> => {
    writeFileSync(join(other, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }));
    const checked = run(process.execPath, [join(projectFolder, 'node_modules/typescript/bin/tsc'), '-p', other]);
    return checked.then(
      () => '',
      (error: unknown) => (error as { stdout: string }).stdout,
    );
  };
  expect(await check(...Object.keys(SOURCES))).toBe('');
  expect(await check('wrong.ts')).toMatch(/wrong\.ts.*endWith/);
  rmSync(other, { recursive: true });
});
