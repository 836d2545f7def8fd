import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { InputError, openInput, readInput, readText, readTextIfThere, requireInput, withInput } from '../../engine/index.js';

// The property: what is no regular file is refused at once, whichever way it is opened.

const folder = mkdtempSync(join(tmpdir(), 'zobench-input-'));
const at = (name: string): string => join(folder, name);
let server: Server | undefined;

beforeAll(async () => {
  if (process.platform === 'win32') return;
  execFileSync('mkfifo', [at('pipe')]);
  symlinkSync('pipe', at('link-to-pipe'));
  symlinkSync('/dev/zero', at('device'));
  symlinkSync('/dev/tty', at('terminal'));
  symlinkSync('loop', at('loop'));
  symlinkSync('nowhere', at('dangling'));
  mkdirSync(at('folder'));
  writeFileSync(at('text'), 'some text\n');
  server = createServer();
  await new Promise<void>((resolve) => server?.listen(at('socket'), resolve));
});
afterAll(async () => {
  await new Promise((resolve) => server?.close(resolve));
  rmSync(folder, { recursive: true });
});

const WAYS: readonly [string, (file: string) => unknown][] = [
  ['withInput', (file) => withInput(file, () => undefined)],
  ['openInput', (file) => openInput(file)],
  ['readInput', (file) => readInput(file, 100)],
  ['readText', (file) => readText(file)],
  ['requireInput', requireInput],
];

const refusal = async (act: () => unknown): Promise<unknown> =>
  Promise.resolve()
    .then(act)
    .catch((error: unknown) => error);

describe.each(WAYS)('%s refuses', (_, open) => {
  test.each([
    ['pipe', /pipe is a pipe; give a regular file$/],
    ['link-to-pipe', /link-to-pipe is a pipe; give a regular file$/],
    ['device', /device is a device; give a regular file$/],
    ['terminal', /terminal is a (device|socket or a device); give a regular file$/],
    ['socket', /socket is a socket or a device; give a regular file$/],
    ['folder', /folder is a folder; give a file$/],
    ['loop', /loop is a link that leads to itself$/],
    ['dangling', /dangling does not exist$/],
    ['text/below', /below does not exist: a part of this path is a file$/],
    ['a\0b', /is no path$/],
    ['x'.repeat(5000), /is too long for a path$/],
  ])('%s', async (name, says) => {
    const error = await refusal(() => open(at(name)));
    expect(error).toBeInstanceOf(InputError);
    expect((error as InputError).message).toMatch(says);
  });
});

test('a regular file, or a link to one, is read whole', () => {
  symlinkSync('text', at('link-to-text'));
  expect([readText(at('text')), readText(at('link-to-text'))]).toEqual(['some text\n', 'some text\n']);
  expect(readTextIfThere(at('absent'))).toBeUndefined();
});

test('more bytes than are allowed are refused before they are read', () => {
  writeFileSync(at('large'), '');
  truncateSync(at('large'), 3e9);
  expect(() => readInput(at('large'), 2 ** 20)).toThrow(new InputError(`${at('large')} has 2.8 GiB, at most 1.0 MiB are allowed`));
  expect(() => readText(at('large'))).toThrow(/at most 500 MiB are allowed$/);
});
