import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { keepAside, openRunFolder, readRequests, recordsIn, rememberRequest, writeRecord } from '../../../benchmarks/run/run-folder.js';
import { ownedName } from '../../../engine/index.js';
import { failedRecord } from '../fixtures/settings.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'run-folder-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** The number of a process that has ended. */
const deadProcess = () => spawnSync(process.execPath, ['--version']).pid;
const writeLock = (text: string) => writeFileSync(path.join(folder, 'run.lock'), text);

describe('the lock', () => {
  test('keeps a second run out while the first lives, and lets it in after', () => {
    const release = openRunFolder(folder);
    const wanted = `${folder}: process ${process.pid} is running in this folder: wait for it, or give another --out`;
    expect(() => openRunFolder(folder)).toThrow(wanted);
    release();
    expect(() => openRunFolder(folder)()).not.toThrow();
    expect(readdirSync(folder)).toEqual(['records']);
  });

  test.each([
    ['a dead process', () => JSON.stringify({ pid: deadProcess(), startTicks: '1', host: hostname() })],
    ['a dead process whose number is in use again', () => JSON.stringify({ pid: process.pid, startTicks: '1', host: hostname() })],
    ['a process that died while it wrote it', () => '{"pi'],
  ])('of %s does not hold', (_, text) => {
    writeLock(text());
    openRunFolder(folder);
    expect(readFileSync(path.join(folder, 'run.lock'), 'utf8')).toContain(`"pid":${process.pid}`);
    expect(readdirSync(folder).sort()).toEqual(['records', 'run.lock']);
  });
});

describe('the lock of another machine', () => {
  const lockOf = (hours: number) => {
    writeLock(JSON.stringify({ pid: deadProcess(), startTicks: '1', host: 'elsewhere' }));
    const when = new Date(Date.now() - hours * 3600 * 1000 - 1000);
    utimesSync(path.join(folder, 'run.lock'), when, when);
  };

  test('holds, for whether its process lives cannot be seen from here, and the message says how old it is', () => {
    lockOf(3);
    expect(() => openRunFolder(folder)).toThrow(/: process \d+ of elsewhere took this folder 3 h ago: .* remove .*run\.lock$/);
  });

  test('does not hold after a week', () => {
    lockOf(7 * 24);
    openRunFolder(folder);
    expect(readFileSync(path.join(folder, 'run.lock'), 'utf8')).toContain(`"pid":${process.pid}`);
  });
});

const record = failedRecord();

describe('records', () => {
  test('are read as they were written', () => {
    openRunFolder(folder);
    writeRecord(folder, record);
    expect([...recordsIn(folder).records]).toEqual([[record.cell, record]]);
  });

  test('that are no valid record are refused before they reach the disk', () => {
    openRunFolder(folder);
    expect(() => writeRecord(folder, { ...record, seconds: NaN })).toThrow(/seconds/);
    expect(readdirSync(path.join(folder, 'records'))).toEqual([]);
  });

  test('that were cut short count as absent, and are kept aside when their cells run again, each time', () => {
    openRunFolder(folder);
    const said: string[] = [];
    for (const text of [JSON.stringify(record).slice(0, 100), '']) {
      writeFileSync(path.join(folder, 'records', `${record.cell}.json`), text);
      expect([...recordsIn(folder).records]).toEqual([]);
      keepAside(folder, record.cell, (line) => said.push(line));
    }
    const damaged = path.join(folder, 'damaged', `${record.cell}.json`);
    expect(readFileSync(damaged, 'utf8')).toHaveLength(100);
    expect(readFileSync(`${damaged}.2`, 'utf8')).toBe('');
    expect(readdirSync(path.join(folder, 'records'))).toEqual([]);
    expect(said).toEqual([expect.stringMatching(/: not JSON .*: kept as .*, its cell runs again$/), expect.stringContaining('.2,')]);
  });

  test('half written by a killed process are cleared away when the folder is opened', () => {
    mkdirSync(path.join(folder, 'records'));
    writeFileSync(path.join(folder, 'records', 'abc.json'), '{}');
    writeFileSync(path.join(folder, 'records', ownedName('0.tmp').replace(`-${process.pid}-`, `-${deadProcess()}-`)), '{');
    openRunFolder(folder);
    expect(readdirSync(path.join(folder, 'records'))).toEqual(['abc.json']);
  });
});

describe('run.json', () => {
  test('holds every set of options once, in order', () => {
    rememberRequest(folder, { grid: 'smoke' });
    rememberRequest(folder, { steps: 5, optimizer: ['zo-sgd'] });
    rememberRequest(folder, { grid: 'smoke' });
    expect(readRequests(folder)).toEqual([{ grid: 'smoke' }, { steps: 5, optimizer: ['zo-sgd'] }]);
  });

  test('that someone broke is refused with file and field', () => {
    writeFileSync(path.join(folder, 'run.json'), JSON.stringify({ runVersion: 1, requests: [{ steps: 'five' }] }));
    expect(() => readRequests(folder)).toThrow(/run\.json: requests\.0\.steps: a whole number of at least 1 is needed: give another --out/);
  });
});
