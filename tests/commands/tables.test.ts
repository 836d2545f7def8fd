import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import { run as runTables } from '../../commands/tables.js';
import { fakeRun, runFolder } from '../reports/fake-records.js';

async function tables(...argv: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const [stdout, stderr] = [new PassThrough({ encoding: 'utf8' }), new PassThrough({ encoding: 'utf8' })];
  const code = await runTables(argv, { stdout, stderr });
  return { code, stdout: String(stdout.read() ?? ''), stderr: String(stderr.read() ?? '') };
}

describe('npm run tables', () => {
  test('writes every table as CSV, Markdown and LaTeX, figures as images, and the findings', async () => {
    const folder = runFolder(fakeRun({ tasks: ['copa'], optimizers: ['fo-sgd', 'zo-sgd'], schemes: ['full', 'lora'], seeds: 2 }));
    const { code, stdout, stderr } = await tables(folder);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain('zo-bench-table-2: Test accuracy on SST-2 by optimizer, model and scheme (nothing of this run)\n');
    expect(stdout).toContain('mezo-table-1: Test score by method and task\n');
    const files = readdirSync(join(folder, 'tables'));
    const ids = stdout.split('\n').flatMap((line) => /^([a-z0-9-]+): /.exec(line)?.[1] ?? []);
    expect(ids).toHaveLength(18);
    for (const id of ids) expect(files).toEqual(expect.arrayContaining([`${id}.csv`, `${id}.md`, `${id}.tex`]));
    expect(files.filter((file) => file.endsWith('.png'))).toEqual(['zo-bench-figure-1-opt-mini-copa.png']);
    expect(readFileSync(join(folder, 'tables/tables.md'), 'utf8')).toContain('(zo-bench-figure-1-opt-mini-copa.png)');
    expect(readFileSync(join(folder, 'tables/findings.md'), 'utf8')).toContain('# Findings');
  });

  test('takes several runs together and leaves files that are no records out, with a line for each', async () => {
    const [first, second] = ['zo-sgd', 'fo-adam'].map((optimizer) =>
      runFolder(fakeRun({ optimizers: [optimizer], schemes: ['full'], seeds: 1 })),
    );
    writeFileSync(join(second ?? '', 'records', 'cut.json'), '{');
    const out = join(runFolder([]), 'out');
    const { code, stderr } = await tables(first ?? '', second ?? '', '--out', out);
    expect(code).toBe(0);
    expect(stderr).toMatch(
      /^zobench: .+\/records\/cut\.json: not JSON .+ delete the file, or let --resume keep it aside and run its cell again\n$/,
    );
    const page = readFileSync(join(out, 'mezo-table-1.md'), 'utf8');
    expect(page).toMatch(/\| MeZO \| \d+\.\d \[91\.4]/);
    expect(page).toMatch(/\| FT \| \d+\.\d \[92\.0]/);
    expect(existsSync(join(first ?? '', 'tables'))).toBe(false);
  });

  test('says in one line what it needs, and exits with 2', async () => {
    expect(await tables()).toEqual({ code: 2, stdout: '', stderr: 'zobench: a run folder is needed: npm run tables -- <run folder>\n' });
    const { code, stderr } = await tables('/nowhere');
    expect([code, stderr]).toEqual([
      2,
      'zobench: /nowhere: no folder "records" in it, nor records.jsonl.gz; give the folder that a run wrote\n',
    ]);
    expect((await tables('--help')).stdout).toContain('<run folder>');
  });
});
