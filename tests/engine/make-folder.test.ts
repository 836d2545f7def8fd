import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { InputError } from '../../engine/index.js';
import { makeFolder } from '../../engine/make-folder.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'make-folder-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('a folder is made with all above it, and is left as it is where it is there', () => {
  const deep = join(folder, 'a', 'b', 'c');
  makeFolder(deep);
  writeFileSync(join(deep, 'kept'), '');
  makeFolder(deep);
  expect(existsSync(join(deep, 'kept'))).toBe(true);
});

test('a link to a folder is one', () => {
  mkdirSync(join(folder, 'real'));
  symlinkSync('real', join(folder, 'link'));
  makeFolder(join(folder, 'link', 'below'));
  expect(statSync(join(folder, 'real', 'below')).isDirectory()).toBe(true);
});

test('a link to nothing, and a file in its place, are named', () => {
  const dangling = join(folder, 'dangling');
  symlinkSync('/not/there', dangling);
  expect(() => makeFolder(dangling)).toThrow(new InputError(`${dangling} cannot be made: it is a link to /not/there, where no folder is`));
  const round = join(folder, 'round');
  symlinkSync('round', round);
  expect(() => makeFolder(round)).toThrow(new InputError(`${round} cannot be made: it is a link to round, where no folder is`));
  const file = join(folder, 'file');
  writeFileSync(file, '');
  expect(() => makeFolder(file)).toThrow(new InputError(`${file} cannot be made: it is there already, and is no folder`));
  expect(() => makeFolder(join(file, 'below'))).toThrow(new InputError(`${file} cannot be made: it is there already, and is no folder`));
});

// Node's own recursive mkdirSync does not come back from there.
(existsSync('/proc/self') ? test : test.skip)('a file system without folders of its own is one line', () => {
  expect(() => makeFolder('/proc/x/y')).toThrow(new InputError('/proc/x cannot be made: its file system takes no folders'));
});

test('a temporary folder that cannot be made says how to have another', () => {
  const absent = join(folder, 'absent');
  const script = `process.env.TMPDIR = ${JSON.stringify(absent)};
    const { makeTemporaryFolder } = await import('./engine/leftovers.ts');
    try { makeTemporaryFolder(); } catch (error) { console.log(error.message); }`;
  const { stdout } = spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], { encoding: 'utf8' });
  expect(stdout).toBe(`${absent}: no temporary folder can be made there (does not exist): let TMPDIR name another one\n`);
});
