import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { measuredBy } from '../../benchmarks/measuring-process.js';
import { InputError } from '../../engine/index.js';

const folder = mkdtempSync(join(tmpdir(), 'zobench-measuring-'));
afterAll(() => rmSync(folder, { recursive: true }));

let programs = 0;
function program(source: string): string {
  const file = join(folder, `${programs++}.mjs`);
  writeFileSync(file, source);
  return file;
}

test('what a process answers is the result', async () => {
  const echo = program(`process.once('message', (run) => process.send({ doubled: 2 * run.number }, () => process.exit(0)));`);
  expect(await measuredBy(echo, { number: 21 })).toEqual({ doubled: 42 });
});

test.each([
  ['answers with an error', `process.once('message', () => process.send({ error: 'no such thing' }))`, 'no such thing'],
  ['ends before it is asked', 'process.exit(3)', 'the measuring process ended with 3'],
  ['is killed', `process.kill(process.pid, 'SIGKILL')`, 'the measuring process ended with SIGKILL'],
])('a process that %s is one line', async (_, source, says) => {
  await expect(measuredBy(program(source), {})).rejects.toEqual(new InputError(says));
});
