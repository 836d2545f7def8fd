import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { HubServer, listed, sendFrom } from '../support/hub-server.js';
import { canMount } from '../support/small-disk.js';
import { COMMIT, fetched, ID, refusal, TestHub, whole } from '../support/test-hub.js';

const hub = new TestHub();

/** Another host: another port is one. */
const other = new HubServer();
let elsewhere = '';
beforeAll(async () => {
  elsewhere = await other.start();
});
afterAll(() => other.stop());
beforeEach(() => {
  other.repositories = { [ID]: { revisions: { main: { commit: COMMIT, files: whole } } } };
  other.requests.length = 0;
  other.tokens.clear();
});

/** The hub answers so to what has this in its address. */
function answer(part: string, send: (response: ServerResponse, url: string) => unknown): void {
  hub.server.answer = (url, response) => {
    if (!url.includes(part)) return false;
    send(response, url);
    return true;
  };
}

const entries = Object.entries(whole).map(listed);
const page = (response: ServerResponse, body: unknown, link?: string): unknown =>
  response.writeHead(200, { 'Content-Type': 'application/json', ...(link !== undefined && { Link: link }) }).end(JSON.stringify(body));

describe('the token goes to the host of the hub alone', () => {
  beforeEach(() => void (process.env.HF_TOKEN = 'hf_mine'));

  test.each(['/resolve/', '/revision/', '/tree/'])('where it leads elsewhere for %s', async (part) => {
    answer(part, (response, url) => response.writeHead(302, { Location: `${elsewhere}${url}` }).end());
    await fetched();
    expect([...hub.server.tokens]).toEqual(['hf_mine']);
    expect(other.requests.length).toBeGreaterThan(0);
    expect([...other.tokens]).toEqual([undefined]);
  });

  test.each([
    ['another port', (url: string) => `${elsewhere}${url}`],
    ['another name', (url: string) => hub.endpoint.replace('127.0.0.1', 'localhost') + url],
    ['another protocol', (url: string) => hub.endpoint.replace('http:', 'https:') + url],
    ['no address', () => 'http://'],
  ])('where the rest of a list is said to be at %s, and nothing is asked there', async (_, next) => {
    answer('/tree/', (response, url) => page(response, entries.slice(0, 1), `<${next(url)}>; rel="next"`));
    expect(await refusal()).toMatch(/^http:\/\/127\.0\.0\.1:\d+ leads to another host for a list \(http.*\): nothing is fetched there$/);
    expect([other.requests, hub.server.requests.length]).toEqual([[], 2]);
  });

  test.each(['hf_a\nb', 'hf_ä', 'hf_a b'])('a token that cannot be sent is refused, and not shown: %j', async (token) => {
    process.env.HF_TOKEN = token;
    expect(await refusal()).toBe('HF_TOKEN is no token of the Hugging Face hub: they begin with hf_');
  });
});

describe('a list of files in pages', () => {
  const inPages = (link: (next: string) => string): void => {
    answer('/tree/', (response, url) => {
      const at = Number(/page=(\d+)/.exec(url)?.[1] ?? 0);
      const next = `/api/models/${ID}/tree/${COMMIT}?page=${at + 1}`;
      page(response, entries.slice(at, at + 1), at + 1 < entries.length ? link(next) : undefined);
    });
  };

  test.each<[string, (next: string) => string]>([
    ['an address', (next) => `<${hub.endpoint}${next}>; rel="next"`],
    ['a path', (next) => `<${next}>; rel="next"`],
    ['no quotes and spaces', (next) => `<${next}>;rel=next`],
    ['the page before beside it', (next) => `<${next}9>; rel="prev", <${next}>; title="a"; rel="next"`],
  ])('is read to its end by %s', async (_, link) => {
    inPages(link);
    await fetched();
    // For config.json, and for the rest once that has been looked at.
    expect(hub.server.requests.filter((request) => request.includes('/tree/'))).toHaveLength(2 * entries.length);
  });

  test.each<[string, (url: string, count: number) => string]>([
    ['the same page again and again', (url) => url],
    ['ever new pages', (url, count) => `${url.split('?')[0] ?? ''}?page=${count}`],
    ['two pages in turn', (url, count) => `${url.split('?')[0] ?? ''}?page=${count % 2}`],
  ])('has an end: %s', async (_, next) => {
    let count = 0;
    answer('/tree/', (response, url) => page(response, [], `<${next(url, count++)}>; rel="next"`));
    expect(await refusal()).toBe(`the hub's list of the files of ${ID} has more than 50 pages`);
    expect(count).toBe(50);
  });
});

describe('an answer that is none', () => {
  const strange = (why: RegExp): RegExp => new RegExp(`^http://\\S+ does not answer as the Hugging Face hub does: ${why.source}$`);

  test.each([
    ['a page for people', '/revision/', '<html>Log in</html>', /it sends "<html>Log in<\/html>", which is no JSON/],
    ['nothing', '/revision/', '', /it sends "", which is no JSON/],
    ['null', '/revision/', 'null', /an object is needed, not null/],
    ['a commit that is a number', '/revision/', '{"sha": 7}', /sha: a text is needed, not 7/],
    ['an object for a list', '/tree/', '{"a": 1}', /a list is needed.*/],
    ['a list of nothing', '/tree/', '[null]', /0: an object is needed, not null/],
    ['files without names', '/tree/', '[{"path": 3}]', /0\.path: a text is needed, not 3/],
    ['a list without an end', '/tree/', `[${'{"path":"a"},'.repeat(1e6)}`, /a list has more than 10 MiB/],
  ])('%s', async (_, part, text, why) => {
    answer(part, (response) => response.writeHead(200, { 'Content-Type': 'application/json' }).end(text));
    expect(await refusal()).toMatch(strange(why));
  });

  test.each([
    [
      'leads in a circle',
      (response: ServerResponse, url: string) => response.writeHead(302, { Location: url }).end(),
      /cannot be reached \(redirect count exceeded\)$/,
    ],
    ['hangs up', (response: ServerResponse) => response.destroy(), /broke off \(other side closed\): try again$/],
    [
      'refuses at length',
      (response: ServerResponse) => response.writeHead(400).end('no '.repeat(1e5)),
      /^http:\S+ answers 400 for org\/tiny: nothing$/,
    ],
    [
      'refuses with a page',
      (response: ServerResponse) => response.writeHead(400).end('no '.repeat(1e3)),
      /^http:\S+ answers 400 for org\/tiny: (no ){99}no$/,
    ],
    [
      'refuses with something else',
      (response: ServerResponse) => response.writeHead(400).end('{"error": {"a": 1}}'),
      /answers 400 for org\/tiny: \{"error": \{"a": 1\}\}$/,
    ],
  ])('of a hub that %s', async (_, send, why) => {
    answer('/revision/', send);
    expect(await refusal()).toMatch(why);
  });

  test('of the host where it keeps files is told apart from its own', async () => {
    other.answer = (_, response) => {
      response.writeHead(403).end('expired');
      return true;
    };
    answer('/resolve/', (response, url) => response.writeHead(302, { Location: `${elsewhere}${url}` }).end());
    process.env.HF_HUB_DOWNLOAD_TIMEOUT = '0.3';
    expect(await refusal()).toBe(
      `the download of org/tiny broke off (${elsewhere}, where the hub leads: it answers 403: expired): try again`,
    );
    other.answer = undefined;
  });

  test.each(['huggingface.co', 'file:///etc', 'http://'])('HF_ENDPOINT=%s is no address', async (endpoint) => {
    process.env.HF_ENDPOINT = endpoint;
    expect(await refusal()).toMatch(/^HF_ENDPOINT: an address such as https:\/\/huggingface\.co is needed, not /);
  });
});

describe('a file in the list', () => {
  /** The list says this of a file. */
  const listing = (name: string, change: object): void =>
    answer('/tree/', (response) =>
      page(
        response,
        entries.map((entry) => ((entry as { path: string }).path === name ? { ...entry, ...change } : entry)),
      ),
    );

  test.each<[string, object, RegExp]>([
    ['without a length', { size: undefined }, /size: is missing; a whole number is needed/],
    ['of less than nothing', { size: -1 }, /size: a number of at least 0 is needed, not -1/],
    ['of half a byte', { size: 0.5 }, /size: a whole number is needed, not 0\.5/],
    ['with a hash that leads elsewhere', { oid: '../../../../x' }, /oid: a SHA-1 is needed/],
    ['with another hash that leads elsewhere', { lfs: { oid: '../../../../x', size: 1 } }, /lfs\.oid: a SHA-256 is needed/],
    ['that is a folder', { type: 'directory' }, /type: .*file.*/],
  ])('%s is refused', async (_, change, why) => {
    listing('config.json', change);
    expect(await refusal()).toMatch(new RegExp(`^the hub's list has no usable entry for config\\.json of org/tiny: ${why.source}$`));
    expect(hub.filesAsked()).toEqual([]);
  });

  test.each(['README.md', 'pytorch_model.bin', 'tf_model.h5'])('that nobody needs may be listed with anything (%s)', async (name) => {
    listing(name, { size: 'large', oid: null, type: 7 });
    await fetched();
  });

  test.each<[string, object]>([
    ['hash', { oid: 'b'.repeat(40) }],
    ['SHA-256', { lfs: { oid: 'c'.repeat(64), size: whole['config.json']?.length } }],
  ])('with another %s does not arrive', async (_, change) => {
    listing('config.json', change);
    expect(await refusal()).toBe('config.json of org/tiny did not arrive as the hub has it: try again');
    expect(readdirSync(hub.cache('blobs'))).toEqual([]);
  });

  test('that there is no room for is not asked for', async () => {
    listing('model.safetensors', { lfs: { oid: 'c'.repeat(64), size: 1e15 } });
    expect(await refusal()).toMatch(/^model\.safetensors of org\/tiny: 931322\.6 GiB to fetch, and .* of room in .*blobs$/);
    expect([hub.filesAsked().includes('model.safetensors'), hub.parts()]).toEqual([false, []]);
  });
});

(canMount ? describe : describe.skip)('a disk that gets full', () => {
  let disk = '';
  beforeEach(() => {
    disk = process.env.HF_HUB_CACHE = join(hub.home, 'disk');
    mkdirSync(disk);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk]);
  });
  afterEach(() => void execFileSync('umount', [disk]));

  /** Somebody else takes what is left. */
  function fill(): void {
    try {
      writeFileSync(join(disk, 'filler'), Buffer.alloc(1 << 20));
    } catch {
      // As it should be.
    }
  }

  test.each(['config.json', 'vocab.json', 'model.safetensors'])(
    'while %s comes is said in a line, and nothing of the file is left',
    async (name) => {
      hub.server.sendFile = (response, content, from) => {
        if (content === whole[name]) fill();
        sendFrom(response, content, from);
      };
      const error = (await fetched().catch((reason: unknown) => reason)) as NodeJS.ErrnoException;
      expect([error.code, error.path?.startsWith(join(disk, 'models--org--tiny', 'blobs'))]).toEqual(['ENOSPC', true]);
      expect(readdirSync(join(disk, 'models--org--tiny', 'blobs')).filter((file) => file.includes('incomplete'))).toEqual([]);
      rmSync(join(disk, 'filler'));
      hub.server.sendFile = undefined;
      expect(existsSync(join(await fetched(), name))).toBe(true);
    },
  );
});
