import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';

const root = mkdtempSync(path.join(tmpdir(), 'zobench-hash-'));
afterAll(() => rmSync(root, { recursive: true }));

const LARGE = 16 << 20;
const file = path.join(root, 'weights');
const hashes = path.join(root, 'cache', 'zobench', 'hashes');

const bytes = (first: number, size: number): Buffer => Buffer.alloc(size).fill(first, 0, 1);
const write = (content: Buffer): string => {
  writeFileSync(file, content);
  return createHash('sha256').update(content).digest('hex');
};
const entries = (): string[] =>
  readdirSync(root).includes('cache') && statSync(path.join(root, 'cache')).isDirectory() ? readdirSync(hashes) : [];
const entry = (): string => path.join(hashes, entries()[0] ?? '');

const SETTLED_MS = 2001;

/** As another process does it that knows nothing but the cache, so many milliseconds after the file's last change. */
async function hashed(ageMs = SETTLED_MS): Promise<string> {
  jest.resetModules();
  const { fileSha256 } = await import('../../cell/file-hash.js');
  jest.spyOn(Date, 'now').mockReturnValue(Math.ceil(statSync(file).ctimeMs) + ageMs);
  try {
    return fileSha256(file);
  } finally {
    jest.restoreAllMocks();
  }
}

const cacheHome = process.env.XDG_CACHE_HOME;
beforeEach(() => {
  process.env.XDG_CACHE_HOME = path.join(root, 'cache');
});
afterEach(() => {
  if (cacheHome === undefined) delete process.env.XDG_CACHE_HOME;
  else process.env.XDG_CACHE_HOME = cacheHome;
  rmSync(path.join(root, 'cache'), { recursive: true, force: true });
});

describe('the hash of a large file', () => {
  test('is remembered: what the cache says of an unchanged file is believed', async () => {
    const sha256 = write(bytes(1, LARGE));
    expect(await hashed()).toBe(sha256);
    const text = readFileSync(entry(), 'utf8');
    writeFileSync(entry(), text.replace(sha256, 'f'.repeat(64)));
    expect(await hashed()).toBe('f'.repeat(64));
  });

  test('is not remembered while a further change may not show in its times, nor is that of a small file', async () => {
    const sha256 = write(bytes(1, LARGE));
    expect(await hashed(SETTLED_MS - 10)).toBe(sha256);
    expect(entries()).toEqual([]);
    write(bytes(1, LARGE - 1));
    await hashed();
    expect(entries()).toEqual([]);
  });

  test.each([
    ['written in place', (content: Buffer) => write(content)],
    [
      'put in the place of the other',
      (content: Buffer) => {
        const beside = `${file}.new`;
        writeFileSync(beside, content);
        renameSync(beside, file);
      },
    ],
  ])('of the same size and modification time, %s, is its own', async (_, replace) => {
    const time = new Date(1e12);
    write(bytes(1, LARGE));
    utimesSync(file, time, time);
    const before = await hashed();
    expect(entries()).toHaveLength(1);
    replace(bytes(2, LARGE));
    utimesSync(file, time, time);
    const after = await hashed();
    expect(after).not.toBe(before);
    expect(after).toBe(createHash('sha256').update(bytes(2, LARGE)).digest('hex'));
  });

  test.each([
    ['cut short', (text: string) => writeFileSync(entry(), text.slice(0, 40))],
    ['empty', () => writeFileSync(entry(), '')],
    ['of another form', () => writeFileSync(entry(), '{"sha256":"abc"}')],
    ['of another file', (text: string) => writeFileSync(entry(), text.replace(/"path":"[^"]*"/, '"path":"/other"'))],
    [
      'a folder',
      () => {
        const there = entry();
        rmSync(there);
        mkdirSync(there);
      },
    ],
    ['lost', () => rmSync(hashes, { recursive: true })],
  ])('is right where its place in the cache is %s', async (_, damage) => {
    const sha256 = write(bytes(3, LARGE));
    await hashed();
    damage(readFileSync(entry(), 'utf8').replace(sha256, 'f'.repeat(64)));
    expect(await hashed()).toBe(sha256);
  });

  test('is right where the cache cannot be written', async () => {
    writeFileSync(path.join(root, 'cache'), 'a file');
    const sha256 = write(bytes(4, LARGE));
    expect([await hashed(), await hashed()]).toEqual([sha256, sha256]);
    expect(readFileSync(path.join(root, 'cache'), 'utf8')).toBe('a file');
  });
});
