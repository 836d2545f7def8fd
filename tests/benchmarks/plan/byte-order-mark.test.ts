import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readRequests, rememberRequest } from '../../../benchmarks/run/run-folder.js';
import { loadTokenizer, openCheckpoint, readJsonObject } from '../../../models/index.js';
import { writeTinyCheckpoint } from '../../support/tiny-checkpoint.js';

// Editors and PowerShell put a byte order mark before what they save: it is no text, whoever reads the file.

const MARK = '\uFEFF';
const folder = mkdtempSync(join(tmpdir(), 'zobench-test-'));
beforeAll(() => writeTinyCheckpoint(folder));
afterAll(() => rmSync(folder, { recursive: true }));

/** What is read of the folder before and after all of its JSON files are marked. */
function readTwice<T>(read: () => T): [before: T, after: T] {
  const before = read();
  const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
  const texts = names.map((name) => readFileSync(join(folder, name), 'utf8'));
  names.forEach((name, index) => writeFileSync(join(folder, name), MARK + (texts[index] ?? '')));
  const after = read();
  names.forEach((name, index) => writeFileSync(join(folder, name), texts[index] ?? ''));
  return [before, after];
}

test.each<[string, () => unknown]>([
  ['config.json', () => openCheckpoint(folder).config],
  ['tokenizer.json and its configuration', () => loadTokenizer(folder).encode('It was a fine film.')],
  ["a request in a run's run.json", () => readRequests(folder)],
  ['what a seed log is read with', () => readJsonObject(join(folder, 'tokenizer_config.json'))],
])('%s is read with a byte order mark as without', (_, read) => {
  rememberRequest(folder, { grid: 'smoke' });
  const [before, after] = readTwice(read);
  expect(after).toEqual(before);
});
