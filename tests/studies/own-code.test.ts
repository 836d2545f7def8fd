import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Output } from '../../command-line/index.js';
import { runOptimizers } from '../../commands/ls/optimizers.js';
import { runDiagnose } from '../../studies/estimators/index.js';
import { runMemory } from '../../studies/memory/index.js';

const folder = mkdtempSync(join(tmpdir(), 'zobench-test-'));
const file = join(folder, 'ends.mjs');
beforeAll(() => writeFileSync(file, 'process.exit(0);'));
afterAll(() => rmSync(folder, { recursive: true }));

test.each<[string, (output: Output) => Promise<number>]>([
  ['ls optimizers', (output) => runOptimizers([file], output)],
  ['diagnose', (output) => runDiagnose(['--model', 'opt-mini', '--optimizer', file], output)],
  ['memory', (output) => runMemory(['--model', 'opt-mini', '--optimizer', file], output)],
])('%s tries a file of the user in a process of its own: one that ends it is one line', async (_, run) => {
  let stderr = '';
  const code = await run({
    stdout: { write: () => true },
    stderr: { write: (text: string | Uint8Array) => ((stderr += String(text)), true) },
  });
  expect(code).toBe(2);
  const lines = stderr.trim().split('\n');
  expect(lines.at(-1)).toBe(`zobench: optimizer file ${file} cannot be loaded: its process exited with 0: it said nothing`);
});
