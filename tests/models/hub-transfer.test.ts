import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { basename, join } from 'node:path';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { ownedName } from '../../engine/index.js';
import { sendFrom } from '../support/hub-server.js';
import { COMMIT, fetched, refusal, TestHub, whole } from '../support/test-hub.js';

const hub = new TestHub();

/** The weights: large enough for some to be a gain. */
const weights = Buffer.from(Array.from({ length: 200_000 }, (_, at) => (at * at) % 251));
const half = weights.length / 2;
beforeEach(() => {
  hub.offer({ ...whole, 'model.safetensors': weights });
});

/** The hub sends the weights like this, and all else as it should. */
function sendWeights(send: (response: ServerResponse, from: number) => unknown): void {
  hub.server.sendFile = (response, content, from) => {
    if (content.equals(weights)) send(response, from);
    else sendFrom(response, content, from);
  };
}

const silenceS = (seconds: number): void => void (process.env.HF_HUB_DOWNLOAD_TIMEOUT = String(seconds));

async function expectFetched(): Promise<void> {
  expect(readFileSync(join(await fetched(), 'model.safetensors')).equals(weights)).toBe(true);
  expect(hub.parts()).toEqual([]);
}

describe('no more is taken than is announced', () => {
  const endlessly = (response: ServerResponse): void => {
    const more = (): void => {
      while (!response.destroyed && response.write(Buffer.alloc(1 << 16)));
    };
    response.on('drain', more);
    more();
  };

  const goOn = (response: ServerResponse): void => {
    response.write(weights);
    response.end('more');
  };

  test.each<[string, (response: ServerResponse) => unknown, RegExp]>([
    ['that goes on after its end', goOn, /does not end at the 200000 bytes that the hub lists/],
    ['without an end', endlessly, /does not end at the 200000 bytes that the hub lists/],
    [
      'that unpacks to more',
      (response) => response.writeHead(200, { 'Content-Encoding': 'gzip' }).end(gzipSync(Buffer.alloc(1e6))),
      /does not end at/,
    ],
    [
      'of a greater length',
      (response) => response.writeHead(200, { 'Content-Length': 1e12 }).write('x'),
      /has 1000000000000 bytes, the hub lists 200000/,
    ],
    [
      'of a smaller length',
      (response) => response.writeHead(200, { 'Content-Length': 1000 }).end(weights.subarray(0, 1000)),
      /has 1000 bytes, the hub lists 200000/,
    ],
  ])('of a file %s', async (_, send, why) => {
    sendWeights(send);
    const message = await refusal();
    expect(message).toMatch(/^model\.safetensors of org\/tiny .*: try again$/);
    expect(message).toMatch(why);
    expect([hub.parts(), existsSync(hub.blob(weights))]).toEqual([[], false]);
  });
});

describe('where nothing comes any more', () => {
  beforeEach(() => silenceS(0.2));
  const drip = (response: ServerResponse): void => {
    const timer = setInterval(() => response.write('x'), 20);
    response.on('close', () => clearInterval(timer));
  };

  test.each<[string, (response: ServerResponse, from: number) => unknown]>([
    ['before a file', () => undefined],
    ['in the middle of a file', (response) => response.writeHead(200).write(weights.subarray(0, 1000))],
    ['but a byte now and then', drip],
  ])('%s, the download ends', async (_, send) => {
    sendWeights((response, from) => (from === 0 ? send(response, from) : undefined));
    expect(await refusal()).toBe('the download of org/tiny broke off (nothing, or next to nothing, comes for 0.2 s): try again');
  });

  test.each(['revision', 'tree'])('in place of an answer (%s), the download ends', async (question) => {
    hub.server.answer = (url, response) => {
      if (!url.includes(`/${question}/`)) return false;
      response.writeHead(200).write('[');
      return true;
    };
    expect(await refusal()).toMatch(/next to nothing, comes for 0\.2 s/);
  });

  test('what comes slowly, but comes, is waited for', async () => {
    silenceS(0.5);
    sendWeights(async (response) => {
      response.writeHead(200);
      for (let at = 0; at < weights.length; at += 10_000) {
        response.write(weights.subarray(at, at + 10_000));
        await sleep(35);
      }
      response.end();
    });
    await expectFetched();
    expect(hub.server.ranges).toEqual([]);
  });

  test.each(['soon', '0', '-3', 'Infinity'])('the time is no number of seconds: %s', async (given) => {
    process.env.HF_HUB_DOWNLOAD_TIMEOUT = given;
    expect(await refusal()).toBe(`HF_HUB_DOWNLOAD_TIMEOUT: a number of seconds from 0 to 86400 is needed, not ${given}`);
  });
});

describe('what breaks off goes on where it ended', () => {
  const breakOff = (response: ServerResponse, from: number, to: number): void => {
    response.writeHead(
      from === 0 ? 200 : 206,
      from === 0 ? {} : { 'Content-Range': `bytes ${from}-${weights.length - 1}/${weights.length}` },
    );
    response.write(weights.subarray(from, to), () => setTimeout(() => response.destroy(), 20));
  };

  test('at once, as often as something is gained', async () => {
    silenceS(0.5);
    sendWeights((response, from) => {
      if (from < half + 60_000) breakOff(response, from, from + 40_000);
      else sendFrom(response, weights, from);
    });
    await expectFetched();
    expect(hub.server.ranges).toEqual([40_000, 80_000, 120_000, 160_000].map((from) => `bytes=${from}-`));
  });

  test('in a later call', async () => {
    silenceS(0.5);
    sendWeights((response, from) => (from === 0 ? breakOff(response, 0, half) : response.destroy()));
    expect(await refusal()).toMatch(/^the download of org\/tiny broke off \(.+\): try again$/);
    expect(hub.parts()).toHaveLength(1);
    hub.forget();
    sendWeights((response, from) => sendFrom(response, weights, from));
    await expectFetched();
    expect(hub.server.ranges).toEqual([`bytes=${half}-`]);
  });

  test.each([500, 503, 429])('after an answer %i', async (status) => {
    silenceS(0.5);
    let count = 0;
    sendWeights((response, from) => (count++ === 0 ? response.writeHead(status).end('busy') : sendFrom(response, weights, from)));
    await expectFetched();
  });

  test('but not for ever', async () => {
    silenceS(0.2);
    let count = 0;
    sendWeights((response) => {
      count++;
      response.destroy();
    });
    expect(await refusal()).toMatch(/broke off/);
    expect(count).toBe(3);
  });
});

describe('a part that a killed process left', () => {
  const dead = spawnSync(process.execPath, ['--version']).pid;
  const [, place = ''] = /^zobench-(\w+)-/.exec(ownedName('')) ?? [];
  const name = (content: Buffer, owner = `${place}-${dead}-5`): string => `zobench-${owner}-${basename(hub.blob(content))}.incomplete`;

  function leave(file: string, content: Buffer, ageH = 0): string {
    const path = hub.cache('blobs', file);
    mkdirSync(hub.cache('blobs'), { recursive: true });
    writeFileSync(path, content);
    const when = Date.now() / 1000 - ageH * 3600;
    utimesSync(path, when, when);
    return path;
  }

  test('is taken over, the largest where there are several', async () => {
    leave(name(weights), weights.subarray(0, 10));
    leave(name(weights, `${place}-${dead}-6`), weights.subarray(0, half));
    await expectFetched();
    expect(hub.server.ranges).toEqual([`bytes=${half}-`]);
  });

  test('is taken over where it is whole', async () => {
    leave(name(weights), weights);
    await expectFetched();
    expect(hub.filesAsked()).not.toContain('model.safetensors');
  });

  test.each<[string, Buffer]>([
    ['other bytes', Buffer.alloc(half)],
    ['the length, but other bytes', Buffer.alloc(weights.length)],
    ['more than there is', Buffer.alloc(weights.length + 1)],
  ])('with %s is thrown away', async (_, content) => {
    silenceS(0.5);
    leave(name(weights), content);
    await expectFetched();
  });

  test.each<[string, (response: ServerResponse, from: number) => unknown]>([
    ['sends everything', (response) => response.end(weights)],
    [
      'sends everything and calls it a part',
      (response) => response.writeHead(206, { 'Content-Range': `bytes 0-199999/200000` }).end(weights),
    ],
    [
      'sends another part',
      (response, from) =>
        from === 0 ? response.end(weights) : response.writeHead(206, { 'Content-Range': `bytes 5-199999/200000` }).end(weights.subarray(5)),
    ],
    [
      'says nothing of which part it is',
      (response, from) => (from === 0 ? response.end(weights) : response.writeHead(206).end(weights.subarray(from))),
    ],
    ['knows of no such part', (response, from) => (from === 0 ? response.end(weights) : response.writeHead(416).end())],
    ['sends a part of something else', (response, from) => sendFrom(response, from === 0 ? weights : Buffer.alloc(weights.length), from)],
  ])('is of no use where the server %s', async (_, send) => {
    silenceS(0.5);
    leave(name(weights), weights.subarray(0, half));
    sendWeights(send);
    await expectFetched();
    expect(hub.server.ranges).toEqual([`bytes=${half}-`]);
  });

  test.each([0, 48])('%i hours ago is not lost for a file that has its turn later, and goes with all others in the end', async (ageH) => {
    leave(name(weights), weights.subarray(0, half), ageH);
    leave(name(Buffer.from('of another revision')), weights, ageH);
    await expectFetched();
    expect(hub.server.ranges).toEqual([`bytes=${half}-`]);
  });

  /** As in a name; systems without /proc know none. */
  const startTicks = (pid: number): string =>
    existsSync(`/proc/${pid}/stat`) ? (readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[19] ?? '') : '';

  test.each([
    ['lives', name(weights, `${place}-${process.ppid}-${startTicks(process.ppid)}`)],
    ['is on another machine', name(weights, `00000000-${dead}-5`)],
    ['is one of huggingface_hub', `${basename(hub.blob(weights))}.incomplete`],
  ])('stays where the process %s', async (_, file) => {
    const path = leave(file, weights.subarray(0, half));
    await fetched();
    expect([existsSync(path), hub.server.ranges]).toEqual([true, []]);
  });
});

test('another process may be quicker', async () => {
  const link = hub.cache('snapshots', COMMIT, 'model.safetensors');
  sendWeights((response, from) => {
    writeFileSync(hub.blob(weights), weights);
    symlinkSync(join('..', '..', 'blobs', basename(hub.blob(weights))), link);
    sendFrom(response, weights, from);
  });
  await expectFetched();
  expect(readdirSync(hub.cache('snapshots', COMMIT)).filter((file) => file.startsWith('.'))).toEqual([]);
});
