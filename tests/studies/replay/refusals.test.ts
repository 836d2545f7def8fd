import { cpSync, existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { seedLogFile } from '../../../benchmarks/run/run-folder.js';
import { encodeScalars, type SeedLog } from '../../../training/seed-log.js';

import { folder, checkpoint, OWN, loggedSteps, replay } from './logged-cell.js';

describe('one clear line and exit code 2 for', () => {
  let log: SeedLog;
  beforeAll(async () => {
    ({ log } = await loggedSteps({}));
  });

  async function complaint(content: unknown, ...argv: string[]): Promise<string> {
    const file = join(folder, 'damaged.json');
    writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
    const { code, stdout, stderr } = await replay(file, '--out', join(folder, 'never'), ...argv);
    expect([code, stdout, stderr.split('\n').length]).toEqual([2, '', 2]);
    expect(existsSync(join(folder, 'never'))).toBe(false);
    return stderr.replaceAll(folder, '').trim();
  }

  const otherVersion = 'the run was made by another version of zobench or of the optimizer';

  test('a log that is cut short, or lacks something, or has bytes too few', async () => {
    expect(await complaint(JSON.stringify(log).slice(0, 200))).toMatch(/^zobench: \/damaged\.json is not a JSON object \(/);
    expect(await complaint({ ...log, scalars: undefined })).toMatch(/^zobench: \/damaged\.json is no seed log: scalars: /);
    expect(await complaint({ ...log, seedLogVersion: 99 })).toMatch(/is no seed log: seedLogVersion: /);
    const { base64: whole, ...scalars } = log.scalars;
    expect(await complaint({ ...log, scalars: { ...scalars, base64: whole.slice(4) } })).toBe(
      'zobench: /damaged.json is no seed log: scalars: not as many bytes as the numbers take',
    );
  });

  test('an optimizer of the own that the log names and the command line does not: none of its code runs', async () => {
    const [file, marker] = [join(folder, 'evil.mjs'), join(folder, 'code-ran')];
    writeFileSync(file, `import { writeFileSync } from 'node:fs'; writeFileSync(${JSON.stringify(marker)}, ''); ${OWN}`);
    const named: Partial<SeedLog>[] = [
      { settings: { ...log.settings, optimizer: file } },
      { places: { optimizer: file } },
      { settings: { ...log.settings, optimizer: 'mine' }, places: { optimizer: file } },
      { settings: { ...log.settings, optimizer: 'gone/evil.ts' } },
    ];
    for (const change of named) {
      expect(await complaint({ ...log, ...change })).toMatch(
        /an optimizer of your own, whose code runs only where you give it: --optimizer \S+$/,
      );
    }
    expect(existsSync(marker)).toBe(false);
    const other = { ...log, settings: { ...log.settings, optimizer: 'another' }, places: { optimizer: file } };
    expect(await complaint(other, '--optimizer', file)).toMatch(/evil\.mjs is mine, the run was made with another$/);
    expect(await complaint(log, '--optimizer', file)).toMatch(/: the run was made with zo-sgd, which comes with zobench$/);
  });

  test('numbers that are others than those of the run', async () => {
    const other = { ...log, scalars: encodeScalars(Array.from({ length: log.scalars.count }, (_, k) => k)) };
    expect(await complaint(other)).toBe(`zobench: the replayed parameters are not those of the run: ${otherVersion}`);
  });

  test('more or fewer numbers than the steps ask for', async () => {
    const numbers = (count: number) => encodeScalars(Array.from({ length: count }, () => 1));
    expect(await complaint({ ...log, scalars: numbers(log.scalars.count - 1) })).toBe(
      `zobench: the log ends before step ${log.step} does: ${otherVersion}`,
    );
    expect(await complaint({ ...log, scalars: numbers(log.scalars.count + 1) })).toBe(
      `zobench: the log tells more than ${log.step} steps ask for: ${otherVersion}`,
    );
  });

  test('another checkpoint', async () => {
    const other = join(folder, 'other');
    cpSync(checkpoint, other, { recursive: true });
    const weights = join(other, 'model.safetensors');
    const content = readFileSync(weights);
    content[content.length - 1] = (content.at(-1) ?? 0) ^ 1;
    writeFileSync(weights, content);
    expect(await complaint(log, '--model', other)).toMatch(
      /^zobench: \/other is not the checkpoint of the run: its SHA-256 is [0-9a-f]{64}, the log's [0-9a-f]{64} \(--model names another folder\)$/,
    );
  });

  test('an optimizer that does not exist any more', async () => {
    const gone = { ...log, settings: { ...log.settings, optimizer: 'zo-sdg' } };
    expect(await complaint(gone)).toMatch(/^zobench: unknown optimizer zo-sdg: did you mean zo-sgd\?/);
  });

  test.each([
    [[], /^zobench: one seed log is needed/],
    [['a.json', 'b.json'], /^zobench: one seed log is needed/],
    [['no/such.json'], /^zobench: no\/such\.json does not exist/],
    [['log.json', '--otu', 'x'], /^zobench: unknown option --otu: did you mean --out\?/],
    [['log.txt'], /^zobench: log\.txt: where shall the model be written\?/],
  ])('%j', async (argv, line) => {
    const { code, stderr } = await replay(...argv);
    expect(code).toBe(2);
    expect(stderr).toMatch(line);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });

  test('a folder to write to that holds something, be it the checkpoint itself, or that is a file; all stay as they are', async () => {
    const file = join(folder, seedLogFile(log.cell));
    const other = join(folder, 'taken');
    cpSync(checkpoint, other, { recursive: true });
    for (const out of [checkpoint, other, join(other, 'config.json')]) {
      expect(await replay(file, '--out', out)).toEqual({
        code: 2,
        stdout: '',
        stderr: `zobench: ${out} is there already: name a new folder with --out\n`,
      });
    }
    for (const name of ['config.json', 'model.safetensors']) {
      expect(readFileSync(join(other, name))).toEqual(readFileSync(join(checkpoint, name)));
    }
  });

  test('an empty folder is written to', async () => {
    const empty = mkdtempSync(join(folder, 'empty-'));
    expect((await replay(join(folder, seedLogFile(log.cell)), '--out', empty)).code).toBe(0);
    expect(existsSync(join(empty, 'model.safetensors'))).toBe(true);
  });
});
