import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { MIB } from '../../../engine/index.js';
import type { Catalog } from '../../../benchmarks/plan/catalog.js';
import { downloadLines } from '../../../benchmarks/plan/downloads.js';
import { InputError } from '../../../engine/errors.js';
import { benchWith, type Ran } from '../fixtures/bench.js';
import { catalog } from '../fixtures/parts.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'downloads-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const cells = [
  '--model',
  'opt-mini,llama-mini',
  '--task',
  'sst2',
  '--scheme',
  'full',
  '--optimizer',
  'zo-sgd',
  '--seeds',
  '2',
  '--steps',
  '2',
];

const bench = (fetchModel: Catalog['fetchModel'], ...argv: string[]): Promise<Ran> =>
  benchWith({ ...catalog, fetchModel }, ...cells, '--out', join(folder, 'run'), ...argv);

describe('a run fetches its models', () => {
  test('once each, before the first cell', async () => {
    const { code, stderr } = await bench((model, report) => {
      report({ model, file: 'model.safetensors', doneBytes: 0, totalBytes: 250.5e6 });
      return Promise.resolve();
    });
    expect(code).toBe(0);
    const lines = stderr.split('\n').filter((line) => /^(fetch|start)/.test(line));
    expect(lines.slice(0, 2)).toEqual(['fetch  opt-mini: model.safetensors, 239 MiB', 'fetch  llama-mini: model.safetensors, 239 MiB']);
    expect(lines.slice(2).every((line) => line.startsWith('start'))).toBe(true);
  });

  test('and where it cannot ends in one line, before any cell', async () => {
    const { code, stderr } = await bench((model) => Promise.reject(new InputError(`${model} is out of reach`)));
    expect(code).toBe(2);
    expect(stderr).toMatch(/^zobench: opt-mini is out of reach$/m);
    expect(stderr).not.toContain('start');
  });

  test('but not for --plan', async () => {
    const fetched: string[] = [];
    const { code } = await bench((model) => Promise.resolve(fetched.push(model)), '--plan');
    expect([code, fetched, existsSync(join(folder, 'run'))]).toEqual([0, [], false]);
  });
});

test('a download has a line for each file and every ten seconds', () => {
  const lines: string[] = [];
  let now = 0;
  const report = downloadLines(
    (line) => lines.push(line),
    () => now,
  );
  const at = (seconds: number, file: string, doneBytes: number): void => {
    now = 1000 * seconds;
    report({ model: 'org/m', file, doneBytes, totalBytes: 400 * MIB });
  };
  at(0, 'a', 0);
  at(5, 'a', 50 * MIB);
  at(10, 'a', 100 * MIB);
  at(11, 'a', 110 * MIB);
  at(12, 'b', 0);
  expect(lines).toEqual(['fetch  org/m: a, 400 MiB', '       org/m: a: 100 MiB of 400 MiB, 30 s left', 'fetch  org/m: b, 400 MiB']);
});

test('what a download goes on from does not count for its pace, and is said where it is thrown away', () => {
  const lines: string[] = [];
  let now = 0;
  const report = downloadLines(
    (line) => lines.push(line),
    () => now,
  );
  const at = (seconds: number, doneBytes: number): void => {
    now = 1000 * seconds;
    report({ model: 'org/m', file: 'a', doneBytes, totalBytes: 400 * MIB });
  };
  at(0, 200 * MIB);
  at(10, 300 * MIB);
  at(11, 10 * MIB);
  expect(lines).toEqual(['fetch  org/m: a, 400 MiB', '       org/m: a: 300 MiB of 400 MiB, 10 s left', 'fetch  org/m: a, 400 MiB']);
});
