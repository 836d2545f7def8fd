import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { copyWhole, writeFileWhole, writeWhole } from '../../engine/index.js';

let folder = '';
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(tmpdir(), 'write-file-'));
});
afterEach(() => {
  jest.restoreAllMocks();
  fs.rmSync(folder, { recursive: true });
});

const at = (name: string) => path.join(folder, name);
const contentOf = (name: string) => fs.readFileSync(at(name), 'utf8');

/** Writes of at most so many bytes, and none beyond so many in all. */
function fillDisk(atOnce: number, room = Infinity): void {
  const write = fs.writeSync.bind(fs) as (descriptor: number, bytes: Uint8Array, offset: number, length: number) => number;
  let left = room;
  jest.spyOn(fs, 'writeSync').mockImplementation(((descriptor: number, bytes: Uint8Array, offset: number, length: number) => {
    if (left === 0) throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC', syscall: 'write' });
    const count = write(descriptor, bytes, offset, Math.min(length, atOnce, left));
    left -= count;
    return count;
  }) as typeof fs.writeSync);
}

describe('a file that is written', () => {
  test.each([
    ['text', 'grüße\n', Buffer.from('grüße\n')],
    ['bytes', Uint8Array.of(0, 255, 7), Buffer.of(0, 255, 7)],
    ['nothing', '', Buffer.of()],
  ])('holds the %s it was given, also where each write takes only a byte', (_, content, bytes) => {
    writeFileWhole(at('a'), content);
    fillDisk(1);
    writeFileWhole(at('b'), content);
    expect([fs.readFileSync(at('a')), fs.readFileSync(at('b'))]).toEqual([bytes, bytes]);
  });

  test('keeps the mode that it had, and a new one has that of any new file', () => {
    fs.writeFileSync(at('any'), '');
    fs.writeFileSync(at('own'), '');
    fs.chmodSync(at('own'), 0o640);
    writeFileWhole(at('own'), 'new');
    writeFileWhole(at('new'), 'new');
    expect(fs.statSync(at('own')).mode & 0o777).toBe(0o640);
    expect(fs.statSync(at('new')).mode).toBe(fs.statSync(at('any')).mode);
  });

  test.each([
    ['a file', 'there'],
    ['nothing yet', 'absent'],
  ])('through a symbolic link to %s leaves the link and changes what it points to', (_, name) => {
    fs.mkdirSync(at('elsewhere'));
    fs.writeFileSync(at('elsewhere/there'), 'old');
    fs.symlinkSync(`elsewhere/${name}`, at('link'));
    fs.symlinkSync('link', at('link-to-link'));
    writeFileWhole(at('link-to-link'), 'new');
    expect(fs.readlinkSync(at('link'))).toBe(`elsewhere/${name}`);
    expect(contentOf(`elsewhere/${name}`)).toBe('new');
  });

  test('may have a name as long as a name can be', () => {
    writeFileWhole(at('x'.repeat(255)), 'new');
    expect(contentOf('x'.repeat(255))).toBe('new');
  });

  test('by copying is the same as the other', () => {
    fs.writeFileSync(at('from'), 'x'.repeat(10_000_000));
    copyWhole(at('from'), at('to'));
    expect(contentOf('to') === contentOf('from')).toBe(true);
  });

  test.each([
    ['a folder', (name: string) => fs.mkdirSync(name)],
    ['a pipe', (name: string) => spawnSync('mkfifo', [name])],
    ['a device', (name: string) => fs.symlinkSync('/dev/null', name)],
  ])('in the place of %s is refused', (_, make) => {
    make(at('other'));
    expect(() => writeFileWhole(at('other'), 'new')).toThrow(`${at('other')}: is there already, and is no regular file`);
    expect(fs.readdirSync(folder)).toEqual(['other']);
  });
});

describe('a write that fails', () => {
  test.each([0, 1, 5, 9_999])('after %i bytes leaves the old file and nothing beside it, and names the file', (room) => {
    fs.writeFileSync(at('kept'), 'old');
    fillDisk(4096, room);
    const write = () => writeFileWhole(at('kept'), 'x'.repeat(10_000));
    expect(write).toThrow(expect.objectContaining({ code: 'ENOSPC', path: at('kept') }));
    expect(fs.readdirSync(folder)).toEqual(['kept']);
    expect(contentOf('kept')).toBe('old');
  });

  test('because what makes its content fails leaves the old file and passes the error on', () => {
    fs.writeFileSync(at('kept'), 'old');
    const write = () =>
      writeWhole(at('kept'), (append) => {
        append(Buffer.from('half'));
        throw new RangeError('no such tensor');
      });
    expect(write).toThrow(new RangeError('no such tensor'));
    expect(fs.readdirSync(folder)).toEqual(['kept']);
    expect(contentOf('kept')).toBe('old');
  });

  test.each(['fsyncSync', 'closeSync', 'renameSync'] as const)('at %s leaves the old file and nothing beside it', (call) => {
    fs.writeFileSync(at('kept'), 'old');
    const failing = jest.spyOn(fs, call).mockImplementationOnce(() => {
      throw Object.assign(new Error(`EIO: i/o error, ${call}`), { code: 'EIO', syscall: call });
    });
    expect(() => writeFileWhole(at('kept'), 'new')).toThrow(expect.objectContaining({ code: 'EIO', path: at('kept') }));
    failing.mockRestore();
    expect(fs.readdirSync(folder)).toEqual(['kept']);
    expect(contentOf('kept')).toBe('old');
  });

  test('for want of its folder says which file', () => {
    expect(() => writeFileWhole(at('no/such/file'), 'new')).toThrow(expect.objectContaining({ code: 'ENOENT', path: at('no/such/file') }));
  });
});
