import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import { readRequests, recordsIn } from '../../../benchmarks/run/run-folder.js';
import { runReplay } from '../../../studies/replay/run.js';
import { UsageError, InputError } from '../../../engine/index.js';
import { bundledModelFolder, loadModel, loadTokenizer, openCheckpoint, unadapted } from '../../../models/index.js';
import { resolveOptimizer } from '../../../optimizers/index.js';
import { readRecords } from '../../../records/read.js';
import { readJson, readJsonl, readLines, readParquet, readTsv } from '../../../tasks/data/rows.js';

// The property: a pipe in the place of any file that is read never makes anything wait.

const root = mkdtempSync(join(tmpdir(), 'zobench-irregular-'));
afterAll(() => rmSync(root, { recursive: true }));

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(root, 'case-'));
});

function pipe(...path: readonly string[]): string {
  const file = join(folder, ...path);
  rmSync(file, { force: true });
  execFileSync('mkfifo', [file]);
  return file;
}

async function expectRefusal(act: () => unknown): Promise<void> {
  const error = await Promise.resolve()
    .then(act)
    .catch((reason: unknown) => reason);
  expect(error instanceof InputError || error instanceof UsageError).toBe(true);
  expect((error as Error).message).toMatch(/ is a pipe; give a regular file/);
}

describe('a pipe in the place of', () => {
  test.each(['config.json', 'tokenizer.json', 'tokenizer_config.json', 'model.safetensors'])("a model's %s", async (name) => {
    cpSync(bundledModelFolder('opt-mini'), folder, { recursive: true });
    pipe(name);
    await expectRefusal(async () => {
      loadTokenizer(folder);
      await loadModel(openCheckpoint(folder), unadapted);
    });
  });

  test.each([readJson, readJsonl, readLines, readTsv, readParquet])('a data file (%p)', async (read) => {
    const file = pipe('data');
    await expectRefusal(() => read(file));
  });

  test('an optimizer of the own', async () => {
    const file = pipe('mine.ts');
    await expectRefusal(() => resolveOptimizer(file));
  });

  test('a seed log', async () => {
    let said = '';
    const output = { stdout: process.stdout, stderr: { write: (text: string) => Boolean((said += text)) } };
    expect(await runReplay([pipe('log.json'), '--out', join(folder, 'out')], output)).toBe(2);
    expect(said).toMatch(/^zobench: [^\n]* is a pipe; give a regular file\n$/);
  });

  test('a record, packed or not, and run.json', () => {
    mkdirSync(join(folder, 'records'));
    pipe('records', 'one.json');
    expect([...recordsIn(folder).records]).toEqual([]);
    expect(readRecords(folder).problems).toEqual([expect.stringMatching(/one\.json is a pipe; give a regular file/)]);
    pipe('run.json');
    expect(readRequests(folder)).toEqual([]);
    rmSync(join(folder, 'records'), { recursive: true });
    pipe('records.jsonl.gz');
    expect(() => readRecords(folder)).toThrow(/records\.jsonl\.gz is a pipe/);
  });

  test('the token and a reference in the cache of the hub', () => {
    writeFileSync(join(folder, 'unused'), '');
    const script = `import { hub } from ${JSON.stringify(join(process.cwd(), 'models/hub-access.ts'))};
      try { hub(); } catch (error) { console.log(error.name, error.message); }`;
    const env = { ...process.env, NODE_OPTIONS: '--no-warnings', HF_TOKEN: '', HF_TOKEN_PATH: pipe('token') };
    const said = execFileSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], { encoding: 'utf8', env });
    expect(said).toMatch(/^InputError .*token is a pipe; give a regular file\n$/);
  });
});
