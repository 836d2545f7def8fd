import { existsSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { UsageError } from '../../engine/index.js';
import { cachedModelIds, fetchModel, modelConfig, modelFolder } from '../../models/index.js';
import {
  COMMIT,
  expectParameters,
  fetched,
  FIRST,
  ID,
  OTHER_COMMIT,
  refusal,
  SECOND,
  sharded,
  text,
  whole,
  TestHub,
} from '../support/test-hub.js';
import { tinyConfigs } from '../support/tiny-model.js';

const hub = new TestHub();

describe('fetching', () => {
  test('takes what a run needs and nothing else, into the cache as huggingface_hub lays it out', async () => {
    const folder = await fetched();
    expect(folder).toBe(hub.cache('snapshots', COMMIT));
    const needed = ['config.json', 'merges.txt', 'model.safetensors', 'tokenizer_config.json', 'vocab.json'];
    expect(readdirSync(folder).sort()).toEqual(needed);
    expect(hub.filesAsked().sort()).toEqual(needed);
    expect(readFileSync(hub.cache('refs', 'main'), 'utf8')).toBe(COMMIT);
    expect(readlinkSync(join(folder, 'config.json'))).toMatch(/^\.\.\/\.\.\/blobs\/[0-9a-f]{40}$/);
    expect(readlinkSync(join(folder, 'model.safetensors'))).toMatch(/^\.\.\/\.\.\/blobs\/[0-9a-f]{64}$/);
    expect(readdirSync(hub.cache('blobs'))).toHaveLength(needed.length);
    await expectParameters(folder);
    expect(cachedModelIds()).toEqual([ID]);
  });

  test('is done once: afterwards the network is not touched', async () => {
    await fetched();
    hub.server.requests.length = 0;
    expect([await fetched(), modelFolder(ID)]).toEqual([hub.cache('snapshots', COMMIT), hub.cache('snapshots', COMMIT)]);
    process.env.HF_HUB_OFFLINE = '1';
    expect(await fetched()).toBe(hub.cache('snapshots', COMMIT));
    expect(hub.server.requests).toEqual([]);
  });

  test('tells how far each file is', async () => {
    const told: string[] = [];
    await fetchModel(ID, ({ model, file, doneBytes, totalBytes }) => told.push(`${model} ${file} ${doneBytes}/${totalBytes}`));
    const size = whole['model.safetensors']?.length ?? 0;
    expect(told.find((line) => line.includes('model.safetensors'))).toBe(`${ID} model.safetensors 0/${size}`);
    expect(told.at(-1)).toBe(`${ID} model.safetensors ${size}/${size}`);
  });

  test('takes shards by their index', async () => {
    hub.offer(sharded);
    await expectParameters(await fetched());
    expect(hub.filesAsked()).toEqual(expect.arrayContaining([FIRST, SECOND]));
  });

  test('goes on where it was interrupted', async () => {
    hub.offer(sharded);
    hub.server.sendFile = (response, content) => {
      if (content === sharded[FIRST]) return void response.destroy();
      response.end(content);
    };
    expect(await refusal()).toMatch(/^the download of org\/tiny broke off \(.+\): try again$/);
    expect(() => modelFolder(ID)).toThrow(/neither a folder nor wholly in the Hugging Face cache/);
    expect(hub.parts()).toEqual([]);
    hub.server.sendFile = undefined;
    hub.server.requests.length = 0;
    await expectParameters(await fetched());
    expect(hub.filesAsked()).toEqual([FIRST]);
  });

  test('mends links whose blobs are gone', async () => {
    const link = join(await fetched(), 'model.safetensors');
    rmSync(join(hub.cache('blobs'), basename(readlinkSync(link))));
    await expectParameters(await fetched());
  });

  test('of a revision keeps to it', async () => {
    const changed = { ...whole, 'config.json': text({ ...tinyConfigs.opt, old: true }) };
    hub.server.repositories = {
      [ID]: { revisions: { main: { commit: COMMIT, files: whole }, 'v1.0': { commit: OTHER_COMMIT, files: changed } } },
    };
    expect([await fetched(`${ID}@v1.0`), await fetched()]).toEqual([hub.cache('snapshots', OTHER_COMMIT), hub.cache('snapshots', COMMIT)]);
    expect(modelFolder(`${ID}@${OTHER_COMMIT}`)).toBe(hub.cache('snapshots', OTHER_COMMIT));
    expect((await modelConfig(`${ID}@v1.0`)).config.old).toBe(true);
    // What both have is there once.
    expect(readdirSync(hub.cache('blobs'))).toHaveLength(6);
  });

  describe('where there are pickles alone', () => {
    const { 'model.safetensors': weights = Buffer.alloc(0), ...pickled } = whole;
    const converted = { ...pickled, 'model.safetensors': weights };
    const revisions = { main: { commit: COMMIT, files: pickled }, 'refs/pr/7': { commit: OTHER_COMMIT, files: converted } };
    const offer = { num: 7, title: 'Adding `safetensors` variant of this model', status: 'open', isPullRequest: true };

    test("takes the conversion bot's pull request", async () => {
      hub.server.repositories = { [ID]: { revisions, discussions: [{ ...offer, author: { name: 'SFconvertbot' } }] } };
      expect(await fetched()).toBe(hub.cache('snapshots', OTHER_COMMIT));
      expect(modelFolder(ID)).toBe(hub.cache('snapshots', OTHER_COMMIT));
    });

    test.each([
      ['nobody', []],
      ['somebody else', [{ ...offer, author: { name: 'mallory' } }]],
    ])('offered by %s says so', async (_, discussions) => {
      hub.server.repositories = { [ID]: { revisions, discussions } };
      expect(await refusal()).toBe(
        `${ID} has no safetensors at main, only pytorch_model.bin, tf_model.h5: convert it, and give the folder`,
      );
    });
  });

  test.each(['HF_TOKEN', 'a login'])('sends the token of %s', async (how) => {
    hub.server.repositories = { [ID]: { revisions: { main: { commit: COMMIT, files: whole } }, gatedFor: 'hf_mine' } };
    if (how === 'HF_TOKEN') process.env.HF_TOKEN = 'hf_mine';
    else writeFileSync(join(hub.home, 'token'), 'hf_mine\n');
    await fetched();
    expect([...hub.server.tokens]).toEqual(['hf_mine']);
  });
});

describe('a configuration for planning', () => {
  test('of a known model needs neither the network nor the cache', async () => {
    expect((await modelConfig('facebook/opt-66b')).config).toMatchObject({ hidden_size: 9216 });
    expect(hub.server.requests).toEqual([]);
  });

  test('of another is all that is fetched, once', async () => {
    expect((await modelConfig(ID)).config).toEqual(tinyConfigs.opt);
    expect(hub.filesAsked()).toEqual(['config.json']);
    hub.server.requests.length = 0;
    await modelConfig(ID);
    expect(hub.server.requests).toEqual([]);
    expect(existsSync(hub.cache('snapshots', COMMIT, 'model.safetensors'))).toBe(false);
    await expectParameters(await fetched());
  });
});

test.each(['tiny', './org/tiny', 'org/tiny/x', '../org', '-org/tiny', 'org/tiny@../x'])('%s is no name on the hub', async (name) => {
  expect(() => modelFolder(name)).toThrow(UsageError);
  await expect(fetched(name)).rejects.toThrow(/^(unknown model|there is no model folder) /);
});
