import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ownedName, removeLeftovers, writeFileWhole } from '../../engine/index.js';

let folder = '';
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(tmpdir(), 'leftovers-'));
});
afterEach(() => fs.rmSync(folder, { recursive: true }));

const [, place = '', pid = '', ticks = ''] = /^zobench-(\w+)-(\d+)-(\d*)-/.exec(ownedName('')) ?? [];
const dead = spawnSync(process.execPath, ['--version']).pid;
const twoDaysAgo = new Date(Date.now() - 48 * 3600 * 1000);

/** A folder with a file, as a process may have left it. */
function leave(name: string, when = new Date()): void {
  fs.mkdirSync(path.join(folder, name));
  fs.writeFileSync(path.join(folder, name, 'optimizer.mjs'), '');
  fs.utimesSync(path.join(folder, name), when, when);
}

describe('what stands in a folder', () => {
  test.each([
    ['a dead process', `zobench-${place}-${dead}-5-x`],
    ['a dead process of a system without start times', `zobench-${place}-${dead}--x`],
    ['a dead process whose number is in use again', `.zobench-${place}-${pid}-1${ticks}-0.tmp`],
  ])('of %s goes', (_, name) => {
    leave(name);
    removeLeftovers(folder);
    expect(fs.readdirSync(folder)).toEqual([]);
  });

  test.each([
    ['a living process', ownedName('x')],
    ['a process of another machine', `zobench-00000000-${dead}-5-x`],
    ['a user', `zobench-${dead}-notes`],
    ['a user, hidden', `.zobench-results-${dead}-5-x`],
  ])('of %s stays', (_, name) => {
    leave(name);
    removeLeftovers(folder);
    expect(fs.readdirSync(folder)).toEqual([name]);
  });

  test('of a process of another machine goes after a day', () => {
    leave(`zobench-00000000-${dead}-5-x`, twoDaysAgo);
    removeLeftovers(folder);
    expect(fs.readdirSync(folder)).toEqual([]);
  });
});

test('the first file written in a folder takes away the part that a killed process left', () => {
  leave(`.zobench-${place}-${dead}-5-3.tmp`);
  writeFileWhole(path.join(folder, 'results.csv'), 'a,b\n');
  expect(fs.readdirSync(folder)).toEqual(['results.csv']);
});

test('a process that is killed while it writes leaves the old file, and the next one cleans up', () => {
  const file = path.join(folder, 'kept');
  fs.writeFileSync(file, 'old');
  const script = `import { writeWhole } from './engine/write-file.ts';
    writeWhole(${JSON.stringify(file)}, (append) => { append(Buffer.from('half')); process.kill(process.pid, 'SIGKILL'); });`;
  spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script]);
  expect(fs.readdirSync(folder)).toHaveLength(2);
  expect(fs.readFileSync(file, 'utf8')).toBe('old');
  writeFileWhole(file, 'new');
  expect(fs.readdirSync(folder)).toEqual(['kept']);
});
