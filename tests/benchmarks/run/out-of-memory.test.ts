import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { hasLimits, underLimit, wideModelFolder } from '../../support/limited-process.js';

// 0.98 GiB in float32, below the limit, but not with the runtime beside it. All but 50 MB are one parameter: asking for that fails at once, with
// memory left to say so; many small ones would use it up, and V8 could be the first to want more.
const folder = wideModelFolder(1, 245_000);
const out = mkdtempSync(join(tmpdir(), 'zobench-out-of-memory-'));
afterAll(() => [folder, out].forEach((path) => rmSync(path, { recursive: true })));

(hasLimits ? test : test.skip)('a cell whose memory runs out while it could still say so is recorded as out-of-memory', () => {
  const sizes = ['--train-size', '2', '--dev-size', '2', '--test-size', '2', '--steps', '1', '--seeds', '1'];
  const axes = ['--model', folder, '--scheme', 'lora', '--optimizer', 'zo-sgd', '--task', 'sst2', '--learning-rate', '1e-3'];
  const { status } = underLimit('commands/zobench.ts', 'run', ...axes, ...sizes, '--stream', 'never', '--out', out);
  expect(status).toBe(1);
  const [record = '', ...others] = readdirSync(join(out, 'records'));
  expect(others).toEqual([]);
  expect(JSON.parse(readFileSync(join(out, 'records', record), 'utf8'))).toMatchObject({
    state: 'out-of-memory',
    reason: expect.stringMatching(/^OutOfMemoryError: no memory for [\d.]+ [MG]iB more than the [\d.]+ [KMG]iB of this heap$/),
  });
});
