import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { InputError, UsageError } from '../../engine/index.js';
import { cachedModelIds, fetchModel, loadModel, modelConfig, modelFolder, openCheckpoint, unadapted } from '../../models/index.js';
import { writeSafetensors } from '../../models/safetensors.js';
import { HubServer, type Snapshot } from '../support/hub-server.js';
import { tinyConfigs, tinyModel } from '../support/tiny-model.js';

const ID = 'org/tiny';
const COMMIT = 'a'.repeat(40);
const OTHER_COMMIT = 'b'.repeat(40);
const VARIABLES = [
  'HF_HOME',
  'HF_HUB_CACHE',
  'HF_TOKEN',
  'HF_ENDPOINT',
  'HF_HUB_OFFLINE',
  'TRANSFORMERS_OFFLINE',
  'HF_TOKEN_PATH',
] as const;
const own = Object.fromEntries(VARIABLES.map((name) => [name, process.env[name]]));

const server = new HubServer();
let home = '';
let endpoint = '';
const cache = (...path: string[]): string => join(home, 'hub', 'models--org--tiny', ...path);

beforeAll(async () => {
  endpoint = await server.start();
});
afterAll(async () => {
  await server.stop();
  for (const name of VARIABLES) setVariable(name, own[name]);
});
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'huggingface-'));
  for (const name of VARIABLES) setVariable(name, undefined);
  process.env.HF_HOME = home;
  process.env.HF_ENDPOINT = endpoint;
  server.requests.length = 0;
  server.tokens.clear();
  server.sendFile = undefined;
  server.repositories = { [ID]: { revisions: { main: { commit: COMMIT, files: whole } } } };
});
afterEach(() => rmSync(home, { recursive: true }));

function setVariable(name: string, value: string | undefined): void {
  if (value === undefined) Reflect.deleteProperty(process.env, name);
  else process.env[name] = value;
}

const tiny = tinyModel('opt');
const tensors = tiny.parameters.all.map((parameter) => ({
  ...{ name: parameter.name, shape: parameter.shape },
  data: tiny.parameters.values(parameter).slice(),
}));

function safetensors(which: (name: string) => boolean = () => true): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'weights-'));
  const file = join(folder, 'w.safetensors');
  writeSafetensors(
    file,
    tensors.filter(({ name }) => which(name)),
    'F32',
  );
  const content = readFileSync(file);
  rmSync(folder, { recursive: true });
  return content;
}

const text = (content: object): Buffer => Buffer.from(JSON.stringify(content));
const beside = { 'config.json': text(tinyConfigs.opt), 'vocab.json': text({ '</s>': 2 }), 'merges.txt': Buffer.from('a b\n') };
const useless = { 'README.md': Buffer.from('read me'), 'pytorch_model.bin': Buffer.from('pickle'), 'tf_model.h5': Buffer.from('h5') };
const whole: Snapshot['files'] = { ...beside, ...useless, 'tokenizer_config.json': text({}), 'model.safetensors': safetensors() };

const inDecoder = (name: string): boolean => name.includes('layers.0');
const [FIRST, SECOND] = ['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors'];
const sharded: Snapshot['files'] = {
  ...beside,
  'model.safetensors.index.json': text({
    weight_map: Object.fromEntries(tensors.map(({ name }) => [name, inDecoder(name) ? FIRST : SECOND])),
  }),
  [FIRST]: safetensors(inDecoder),
  [SECOND]: safetensors((name) => !inDecoder(name)),
};

const silent = (): void => undefined;
const fetched = (name = ID): Promise<string> => fetchModel(name, silent);
const filesAsked = (): string[] => [...new Set(server.requests.flatMap((request) => /resolve\/[^/]+\/(.*)/.exec(request)?.[1] ?? []))];

async function expectParameters(folder: string): Promise<void> {
  const { parameters } = await loadModel(openCheckpoint(folder), unadapted);
  for (const { name, data } of tensors) expect(parameters.values(parameters.get(name))).toEqual(data);
}

/** The one line that fetching ends with. */
async function refusal(name = ID): Promise<string> {
  const error: unknown = await fetched(name).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(InputError);
  const { message } = error as InputError;
  expect(message).not.toContain('\n');
  return message;
}

describe('fetching', () => {
  test('takes what a run needs and nothing else, into the cache as huggingface_hub lays it out', async () => {
    const folder = await fetched();
    expect(folder).toBe(cache('snapshots', COMMIT));
    const needed = ['config.json', 'merges.txt', 'model.safetensors', 'tokenizer_config.json', 'vocab.json'];
    expect(readdirSync(folder).sort()).toEqual(needed);
    expect(filesAsked().sort()).toEqual(needed);
    expect(readFileSync(cache('refs', 'main'), 'utf8')).toBe(COMMIT);
    expect(readlinkSync(join(folder, 'config.json'))).toMatch(/^\.\.\/\.\.\/blobs\/[0-9a-f]{40}$/);
    expect(readlinkSync(join(folder, 'model.safetensors'))).toMatch(/^\.\.\/\.\.\/blobs\/[0-9a-f]{64}$/);
    expect(readdirSync(cache('blobs'))).toHaveLength(needed.length);
    await expectParameters(folder);
    expect(cachedModelIds()).toEqual([ID]);
  });

  test('is done once: afterwards the network is not touched', async () => {
    await fetched();
    server.requests.length = 0;
    expect([await fetched(), modelFolder(ID)]).toEqual([cache('snapshots', COMMIT), cache('snapshots', COMMIT)]);
    process.env.HF_HUB_OFFLINE = '1';
    expect(await fetched()).toBe(cache('snapshots', COMMIT));
    expect(server.requests).toEqual([]);
  });

  test('tells how far each file is', async () => {
    const told: string[] = [];
    await fetchModel(ID, ({ model, file, doneBytes, totalBytes }) => told.push(`${model} ${file} ${doneBytes}/${totalBytes}`));
    const size = whole['model.safetensors']?.length ?? 0;
    expect(told.find((line) => line.includes('model.safetensors'))).toBe(`${ID} model.safetensors 0/${size}`);
    expect(told.at(-1)).toBe(`${ID} model.safetensors ${size}/${size}`);
  });

  test('takes shards by their index', async () => {
    server.repositories = { [ID]: { revisions: { main: { commit: COMMIT, files: sharded } } } };
    await expectParameters(await fetched());
    expect(filesAsked()).toEqual(expect.arrayContaining([FIRST, SECOND]));
  });

  test('goes on where it was interrupted', async () => {
    server.repositories = { [ID]: { revisions: { main: { commit: COMMIT, files: sharded } } } };
    server.sendFile = (response, content) => {
      if (content === sharded[FIRST]) return void response.destroy();
      response.end(content);
    };
    expect(await refusal()).toMatch(/^the download of org\/tiny broke off \(.+\): try again$/);
    expect(() => modelFolder(ID)).toThrow(/neither a folder nor wholly in the Hugging Face cache/);
    expect(readdirSync(cache('blobs')).filter((name) => name.includes('incomplete'))).toEqual([]);
    server.sendFile = undefined;
    server.requests.length = 0;
    await expectParameters(await fetched());
    expect(filesAsked()).toEqual([FIRST]);
  });

  test('mends links whose blobs are gone, and clears away what killed downloads left', async () => {
    const link = join(await fetched(), 'model.safetensors');
    const blob = join(cache('blobs'), basename(readlinkSync(link)));
    const [old, fresh] = ['1', '2'].map((digit) => `${blob}.${digit.repeat(8)}-0000-0000-0000-000000000000.incomplete`) as [string, string];
    rmSync(blob);
    [old, fresh].forEach((file) => writeFileSync(file, ''));
    utimesSync(old, 1, 1);
    await expectParameters(await fetched());
    expect([old, fresh].map(existsSync)).toEqual([false, true]);
  });

  test('of a revision keeps to it', async () => {
    const changed = { ...whole, 'config.json': text({ ...tinyConfigs.opt, old: true }) };
    server.repositories = {
      [ID]: { revisions: { main: { commit: COMMIT, files: whole }, 'v1.0': { commit: OTHER_COMMIT, files: changed } } },
    };
    expect([await fetched(`${ID}@v1.0`), await fetched()]).toEqual([cache('snapshots', OTHER_COMMIT), cache('snapshots', COMMIT)]);
    expect(modelFolder(`${ID}@${OTHER_COMMIT}`)).toBe(cache('snapshots', OTHER_COMMIT));
    expect((await modelConfig(`${ID}@v1.0`)).config.old).toBe(true);
    // What both have is there once.
    expect(readdirSync(cache('blobs'))).toHaveLength(6);
  });

  describe('where there are pickles alone', () => {
    const { 'model.safetensors': weights = Buffer.alloc(0), ...pickled } = whole;
    const converted = { ...pickled, 'model.safetensors': weights };
    const revisions = { main: { commit: COMMIT, files: pickled }, 'refs/pr/7': { commit: OTHER_COMMIT, files: converted } };
    const offer = { num: 7, title: 'Adding `safetensors` variant of this model', status: 'open', isPullRequest: true };

    test("takes the conversion bot's pull request", async () => {
      server.repositories = { [ID]: { revisions, discussions: [{ ...offer, author: { name: 'SFconvertbot' } }] } };
      expect(await fetched()).toBe(cache('snapshots', OTHER_COMMIT));
      expect(modelFolder(ID)).toBe(cache('snapshots', OTHER_COMMIT));
    });

    test.each([
      ['nobody', []],
      ['somebody else', [{ ...offer, author: { name: 'mallory' } }]],
    ])('offered by %s says so', async (_, discussions) => {
      server.repositories = { [ID]: { revisions, discussions } };
      expect(await refusal()).toBe(
        `${ID} has no safetensors at main, only pytorch_model.bin, tf_model.h5: convert it, and give the folder`,
      );
    });
  });

  test.each(['HF_TOKEN', 'a login'])('sends the token of %s', async (how) => {
    server.repositories = { [ID]: { revisions: { main: { commit: COMMIT, files: whole } }, gatedFor: 'hf_mine' } };
    if (how === 'HF_TOKEN') process.env.HF_TOKEN = 'hf_mine';
    else writeFileSync(join(home, 'token'), 'hf_mine\n');
    await fetched();
    expect([...server.tokens]).toEqual(['hf_mine']);
  });
});

describe('what cannot be fetched is said in one line', () => {
  const absent = (): string => `${ID} is neither a folder nor wholly in the Hugging Face cache (${join(home, 'hub')})`;

  test.each(['HF_HUB_OFFLINE', 'TRANSFORMERS_OFFLINE'])('offline by %s', async (variable) => {
    process.env[variable] = '1';
    expect(await refusal()).toBe(`${absent()}, and ${variable} is set`);
    expect(server.requests).toEqual([]);
  });

  test('the hub out of reach', async () => {
    const gone = new HubServer();
    process.env.HF_ENDPOINT = await gone.start();
    await gone.stop();
    expect(await refusal()).toBe(`${absent()}, and ${process.env.HF_ENDPOINT} cannot be reached (ECONNREFUSED)`);
  });

  test('no such model, with a token or without', async () => {
    expect(await refusal('org/other')).toBe(
      `org/other is neither a folder nor a model on ${endpoint}, or it is private: then set HF_TOKEN`,
    );
    process.env.HF_TOKEN = 'hf_mine';
    expect(await refusal('org/other')).toMatch(/, or it is private and your token has no access$/);
  });

  test('no such revision', async () => {
    expect(await refusal(`${ID}@v9`)).toMatch(/^there is no model org\/tiny with revision v9 on /);
  });

  test('a gated model, with no token or one without access', async () => {
    server.repositories = { [ID]: { revisions: { main: { commit: COMMIT, files: whole } }, gatedFor: 'hf_mine' } };
    const how = `ask for access at ${endpoint}/${ID}, and set HF_TOKEN to a token of that account`;
    expect(await refusal()).toBe(`${ID} is gated and no token is given: ${how}`);
    process.env.HF_TOKEN = 'hf_other';
    expect(await refusal()).toBe(`${ID} is gated and the account of your token has no access: ${how}`);
  });

  test('a token that is none', async () => {
    process.env.HF_TOKEN = 'secret';
    const message = await refusal();
    expect(message).toBe('HF_TOKEN is no token of the Hugging Face hub: they begin with hf_');
    expect(server.requests).toEqual([]);
  });

  test('a file that is not what the hub lists; it is not kept', async () => {
    server.sendFile = (response, content) => void response.end(Buffer.from(content).fill(1, 0, 1));
    expect(await refusal()).toBe(`config.json of ${ID} did not arrive as the hub has it: try again`);
    expect(readdirSync(cache('blobs'))).toEqual([]);
  });

  test('a hub that fails, at once or on the way', async () => {
    server.sendFile = (response) => void response.writeHead(503, { 'Content-Type': 'application/json' }).end('{"error":"busy\\nnow"}');
    expect(await refusal()).toMatch(/^the download of org\/tiny broke off \(busy now\. .*\): try again$/);
    server.repositories = { [ID]: { revisions: {}, status: 503 } };
    expect(await refusal()).toBe(`${endpoint} answers 503 for ${ID}: busy now`);
  });

  test('a model of no family, or too large for a run, before its weights are on their way', async () => {
    const offer = (config: object): void => {
      server.repositories = { [ID]: { revisions: { main: { commit: COMMIT, files: { ...whole, 'config.json': text(config) } } } } };
    };
    offer({ model_type: 'gpt2' });
    expect(await refusal()).toMatch(/config\.json: model_type: "gpt2" is not supported/);
    rmSync(cache(), { recursive: true });
    offer({ ...tinyConfigs.opt, hidden_size: 4096, vocab_size: 400_000 });
    expect(await refusal()).toMatch(
      /^org\/tiny: the model takes 6\.\d GiB in float32, a run can hold \d\.\d GiB: a scheme that trains less/,
    );
    expect(await refusal('facebook/opt-1.3b')).toMatch(/^facebook\/opt-1\.3b: the model takes 4\.9 GiB in float32/);
    expect(filesAsked()).toEqual(['config.json']);
  });

  test('no tokenizer', async () => {
    const { 'config.json': config = Buffer.alloc(0), 'model.safetensors': weights = Buffer.alloc(0) } = whole;
    const files = { 'config.json': config, 'model.safetensors': weights };
    server.repositories = { [ID]: { revisions: { main: { commit: COMMIT, files } } } };
    expect(await refusal()).toMatch(/^org\/tiny has no tokenizer at main: /);
  });

  test('an index that leads elsewhere', async () => {
    const files = { ...beside, 'model.safetensors.index.json': text({ weight_map: { a: '../../../../x.safetensors' } }) };
    server.repositories = { [ID]: { revisions: { main: { commit: COMMIT, files } } } };
    expect(await refusal()).toMatch(/only \.safetensors files in the same folder are allowed$/);
  });

  test('a commit that leads elsewhere', async () => {
    server.repositories = { [ID]: { revisions: { main: { commit: '../../../../x', files: whole } } } };
    expect(await refusal()).toBe('the hub gives "../../../../x" as a commit of org/tiny');
  });
});

describe('a cache that others made', () => {
  function cached(commit: string, files: Snapshot['files'], ref?: string): string {
    const folder = cache('snapshots', commit);
    mkdirSync(folder, { recursive: true });
    for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
    if (ref !== undefined) {
      mkdirSync(join(cache('refs', ref), '..'), { recursive: true });
      writeFileSync(cache('refs', ref), commit);
    }
    return folder;
  }

  beforeEach(() => void (process.env.HF_HUB_OFFLINE = '1'));

  test('is read without the network, whole or in shards', async () => {
    const one = cached(COMMIT, whole, 'main');
    expect(modelFolder(ID)).toBe(one);
    const other = cached(OTHER_COMMIT, sharded, 'main');
    expect(await fetched()).toBe(other);
    expect(server.requests).toEqual([]);
  });

  test('is where HF_HUB_CACHE says', () => {
    cached(COMMIT, whole, 'main');
    process.env.HF_HUB_CACHE = join(home, 'elsewhere');
    expect(() => modelFolder(ID)).toThrow(join(home, 'elsewhere'));
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

describe('a configuration for planning', () => {
  test('of a known model needs neither the network nor the cache', async () => {
    expect((await modelConfig('facebook/opt-66b')).config).toMatchObject({ hidden_size: 9216 });
    expect(server.requests).toEqual([]);
  });

  test('of another is all that is fetched, once', async () => {
    expect((await modelConfig(ID)).config).toEqual(tinyConfigs.opt);
    expect(filesAsked()).toEqual(['config.json']);
    server.requests.length = 0;
    await modelConfig(ID);
    expect(server.requests).toEqual([]);
    expect(existsSync(cache('snapshots', COMMIT, 'model.safetensors'))).toBe(false);
    await expectParameters(await fetched());
  });
});

test.each(['tiny', './org/tiny', 'org/tiny/x', '../org', '-org/tiny', 'org/tiny@../x'])('%s is no name on the hub', async (name) => {
  expect(() => modelFolder(name)).toThrow(UsageError);
  await expect(fetched(name)).rejects.toThrow(/^unknown model /);
});
