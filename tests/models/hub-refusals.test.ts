import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { HubServer } from '../support/hub-server.js';
import { beside, COMMIT, ID, refusal, text, whole, TestHub } from '../support/test-hub.js';
import { tinyConfigs } from '../support/tiny-model.js';

const hub = new TestHub();
afterEach(() => void jest.restoreAllMocks());

describe('what cannot be fetched is said in one line', () => {
  const absent = (): string => `${ID} is neither a folder nor wholly in the Hugging Face cache (${join(hub.home, 'hub')})`;

  test.each(['HF_HUB_OFFLINE', 'TRANSFORMERS_OFFLINE'])('offline by %s', async (variable) => {
    process.env[variable] = '1';
    expect(await refusal()).toBe(`${absent()}, and ${variable} is set`);
    expect(hub.server.requests).toEqual([]);
  });

  test('the hub out of reach', async () => {
    const gone = new HubServer();
    process.env.HF_ENDPOINT = await gone.start();
    await gone.stop();
    expect(await refusal()).toBe(`${absent()}, and ${process.env.HF_ENDPOINT} cannot be reached (ECONNREFUSED)`);
  });

  test('no such model, with a token or without', async () => {
    expect(await refusal('org/other')).toBe(
      `org/other is neither a folder nor a model on ${hub.endpoint}, or it is private: then set HF_TOKEN`,
    );
    process.env.HF_TOKEN = 'hf_mine';
    expect(await refusal('org/other')).toMatch(/, or it is private and your token has no access$/);
  });

  test('no such revision', async () => {
    expect(await refusal(`${ID}@v9`)).toMatch(/^there is no model org\/tiny with revision v9 on /);
  });

  test('a gated model, with no token or one without access', async () => {
    hub.server.repositories = { [ID]: { revisions: { main: { commit: COMMIT, files: whole } }, gatedFor: 'hf_mine' } };
    const how = `ask for access at ${hub.endpoint}/${ID}, and set HF_TOKEN to a token of that account`;
    expect(await refusal()).toBe(`${ID} is gated and no token is given: ${how}`);
    process.env.HF_TOKEN = 'hf_other';
    expect(await refusal()).toBe(`${ID} is gated and the account of your token has no access: ${how}`);
  });

  test('a token that is none', async () => {
    process.env.HF_TOKEN = 'secret';
    const message = await refusal();
    expect(message).toBe('HF_TOKEN is no token of the Hugging Face hub: they begin with hf_');
    expect(hub.server.requests).toEqual([]);
  });

  test('a file that is not what the hub lists; it is not kept', async () => {
    hub.server.sendFile = (response, content) => void response.end(Buffer.from(content).fill(1, 0, 1));
    expect(await refusal()).toBe(`config.json of ${ID} did not arrive as the hub has it: try again`);
    expect(readdirSync(hub.cache('blobs'))).toEqual([]);
  });

  test('a hub that fails, at once or on the way', async () => {
    hub.server.sendFile = (response) => void response.writeHead(503, { 'Content-Type': 'application/json' }).end('{"error":"busy\\nnow"}');
    expect(await refusal()).toBe(`${hub.endpoint} answers 503 for ${ID}: busy now`);
    hub.server.repositories = { [ID]: { revisions: {}, status: 503 } };
    expect(await refusal()).toBe(`${hub.endpoint} answers 503 for ${ID}: busy now`);
  });

  test('a model of no family, or too large for a run, before its weights are on their way', async () => {
    const offer = (config: object): void => {
      hub.offer({ ...whole, 'config.json': text(config) });
    };
    offer({ model_type: 'gpt2' });
    expect(await refusal()).toMatch(/config\.json: model_type: "gpt2" is not supported/);
    rmSync(hub.cache(), { recursive: true });
    jest.spyOn(process, 'constrainedMemory').mockReturnValue(3 * 2 ** 30);
    offer({ ...tinyConfigs.opt, hidden_size: 4096, vocab_size: 200_000 });
    expect(await refusal()).toMatch(/^org\/tiny: the model takes 3\.\d GiB in float32, a run can hold 3\.0 GiB: a scheme that trains less/);
    expect(await refusal('facebook/opt-1.3b')).toMatch(/^facebook\/opt-1\.3b: the model takes 4\.9 GiB in float32/);
    expect(hub.filesAsked()).toEqual(['config.json']);
  });

  test('no tokenizer', async () => {
    const { 'config.json': config = Buffer.alloc(0), 'model.safetensors': weights = Buffer.alloc(0) } = whole;
    const files = { 'config.json': config, 'model.safetensors': weights };
    hub.offer(files);
    expect(await refusal()).toMatch(/^org\/tiny has no tokenizer at main: /);
  });

  test('an index that leads elsewhere', async () => {
    const files = { ...beside, 'model.safetensors.index.json': text({ weight_map: { a: '../../../../x.safetensors' } }) };
    hub.offer(files);
    expect(await refusal()).toMatch(/only \.safetensors files in the same folder are allowed$/);
  });

  test('a commit that leads elsewhere', async () => {
    hub.server.repositories = { [ID]: { revisions: { main: { commit: '../../../../x', files: whole } } } };
    expect(await refusal()).toBe('the hub gives "../../../../x" as a commit of org/tiny');
  });
});
