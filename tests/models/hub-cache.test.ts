import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { InputError } from '../../engine/index.js';
import { modelFolder } from '../../models/index.js';
import type { Snapshot } from '../support/hub-server.js';
import { COMMIT, fetched, ID, OTHER_COMMIT, refusal, SECOND, sharded, whole, TestHub } from '../support/test-hub.js';

const hub = new TestHub();

describe('a cache that others made', () => {
  function cached(commit: string, files: Snapshot['files'], ref?: string): string {
    const folder = hub.cache('snapshots', commit);
    mkdirSync(folder, { recursive: true });
    for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
    if (ref !== undefined) {
      mkdirSync(join(hub.cache('refs', ref), '..'), { recursive: true });
      writeFileSync(hub.cache('refs', ref), commit);
    }
    return folder;
  }

  beforeEach(() => void (process.env.HF_HUB_OFFLINE = '1'));

  test('is read without the network, whole or in shards', async () => {
    const one = cached(COMMIT, whole, 'main');
    expect(modelFolder(ID)).toBe(one);
    const other = cached(OTHER_COMMIT, sharded, 'main');
    expect(await fetched()).toBe(other);
    expect(hub.server.requests).toEqual([]);
  });

  test('is where HF_HUB_CACHE says', () => {
    cached(COMMIT, whole, 'main');
    process.env.HF_HUB_CACHE = join(hub.home, 'elsewhere');
    expect(() => modelFolder(ID)).toThrow(join(hub.home, 'elsewhere'));
  });

  test('may have the weights in the conversion bot’s snapshot alone', () => {
    const { 'model.safetensors': weights = Buffer.alloc(0), ...pickled } = whole;
    cached(COMMIT, pickled, 'main');
    expect(() => modelFolder(ID)).toThrow(InputError);
    const converted = cached(OTHER_COMMIT, { ...pickled, 'model.safetensors': weights }, 'refs/pr/3');
    expect(modelFolder(ID)).toBe(converted);
  });

  test('that lacks a shard is not complete', async () => {
    const { [SECOND]: lost, ...rest } = sharded;
    expect(lost).toBeDefined();
    cached(COMMIT, rest, 'main');
    expect(await refusal()).toMatch(/nor wholly in the Hugging Face cache/);
  });
});
