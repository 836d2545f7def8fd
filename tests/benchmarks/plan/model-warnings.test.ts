import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { runCell } from '../../../cell/run-cell.js';
import { modelSize } from '../../../benchmarks/plan/estimate.js';
import { writeTinyCheckpoint } from '../../support/tiny-checkpoint.js';
import { settings } from '../fixtures/settings.js';

const folder = mkdtempSync(join(tmpdir(), 'zobench-test-'));
beforeAll(() => writeTinyCheckpoint(folder));
afterAll(() => rmSync(folder, { recursive: true }));

test("what nobody knows of a model's configuration is in its size, and in the record of its cell; where all is known, nothing", async () => {
  const cell = { ...settings, model: folder, scheme: 'zero-shot', optimizer: 'none', steps: 0, devSize: 2, testSize: 2 };
  const warningsOf = async () => (await runCell({ ...cell, threads: 1 }, () => undefined)).result.warnings;
  expect(await warningsOf()).toBeUndefined();
  const file = join(folder, 'config.json');
  const config = JSON.parse(readFileSync(file, 'utf8')) as object;
  writeFileSync(file, JSON.stringify({ ...config, surprise: 7, dropout: 0.5, init_std: 1 }));
  const wanted = [`${file}: surprise: 7 is not known here and was not regarded`];
  expect(await warningsOf()).toEqual(wanted);
  expect((await modelSize(folder, 'lora')).warnings).toEqual(wanted);
});
