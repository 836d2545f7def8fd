import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from '@jest/globals';
import { InputError } from '../../engine/index.js';
import { fetchModel, loadModel, openCheckpoint, unadapted } from '../../models/index.js';
import { writeSafetensors } from '../../models/safetensors.js';
import { HubServer, type Snapshot } from './hub-server.js';
import { tinyConfigs, tinyModel } from './tiny-model.js';

export const ID = 'org/tiny';
export const COMMIT = 'a'.repeat(40);
export const OTHER_COMMIT = 'b'.repeat(40);
/** What the hub's client looks at. */
const VARIABLES = [
  'HF_HOME',
  'HF_HUB_CACHE',
  'HF_TOKEN',
  'HF_ENDPOINT',
  'HF_HUB_OFFLINE',
  'TRANSFORMERS_OFFLINE',
  'HF_TOKEN_PATH',
  'HF_HUB_DOWNLOAD_TIMEOUT',
] as const;
const own = Object.fromEntries(VARIABLES.map((name) => [name, process.env[name]]));

/** A hub on this machine that has {@link ID}, and an empty cache, for each test of a file. */
export class TestHub {
  readonly server = new HubServer();
  /** HF_HOME */
  home = '';
  endpoint = '';

  constructor() {
    beforeAll(async () => {
      this.endpoint = await this.server.start();
    });
    afterAll(async () => {
      await this.server.stop();
      for (const name of VARIABLES) setVariable(name, own[name]);
    });
    beforeEach(() => {
      this.home = mkdtempSync(join(tmpdir(), 'huggingface-'));
      for (const name of VARIABLES) setVariable(name, undefined);
      process.env.HF_HOME = this.home;
      process.env.HF_ENDPOINT = this.endpoint;
      // Pauses are a part of it.
      process.env.HF_HUB_DOWNLOAD_TIMEOUT = '2';
      this.forget();
      this.server.sendFile = undefined;
      this.server.answer = undefined;
      this.offer(whole);
    });
    afterEach(() => rmSync(this.home, { recursive: true }));
  }

  /** {@link ID} has these files at main. */
  offer(files: Snapshot['files']): void {
    this.server.repositories = { [ID]: { revisions: { main: { commit: COMMIT, files } } } };
  }

  /** Forgets what was asked. */
  forget(): void {
    this.server.requests.length = 0;
    this.server.ranges.length = 0;
    this.server.tokens.clear();
  }

  /** A path in the cache of {@link ID}. */
  cache(...path: string[]): string {
    return join(this.home, 'hub', 'models--org--tiny', ...path);
  }

  /** Where the whole file of this content lies. */
  blob(content: Buffer): string {
    return this.cache('blobs', createHash('sha256').update(content).digest('hex'));
  }

  /** What lies there of files that are not whole. */
  parts(): string[] {
    const blobs = this.cache('blobs');
    return existsSync(blobs) ? readdirSync(blobs).filter((name) => name.endsWith('.incomplete')) : [];
  }

  /** Files that were asked for, each once. */
  filesAsked(): string[] {
    return [...new Set(this.server.requests.flatMap((request) => /resolve\/[^/]+\/(.*)/.exec(request)?.[1] ?? []))];
  }
}

function setVariable(name: string, value: string | undefined): void {
  if (value === undefined) Reflect.deleteProperty(process.env, name);
  else process.env[name] = value;
}

const tiny = tinyModel('opt');
const tensors = tiny.parameters.all.map((parameter) => ({
  name: parameter.name,
  shape: parameter.shape,
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

export const text = (content: object): Buffer => Buffer.from(JSON.stringify(content));
export const beside = { 'config.json': text(tinyConfigs.opt), 'vocab.json': text({ '</s>': 2 }), 'merges.txt': Buffer.from('a b\n') };
const useless = { 'README.md': Buffer.from('read me'), 'pytorch_model.bin': Buffer.from('pickle'), 'tf_model.h5': Buffer.from('h5') };
export const whole: Snapshot['files'] = { ...beside, ...useless, 'tokenizer_config.json': text({}), 'model.safetensors': safetensors() };

const inDecoder = (name: string): boolean => name.includes('layers.0');
export const [FIRST, SECOND] = ['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors'];
export const sharded: Snapshot['files'] = {
  ...beside,
  'model.safetensors.index.json': text({
    weight_map: Object.fromEntries(tensors.map(({ name }) => [name, inDecoder(name) ? FIRST : SECOND])),
  }),
  [FIRST]: safetensors(inDecoder),
  [SECOND]: safetensors((name) => !inDecoder(name)),
};

const silent = (): void => undefined;
export const fetched = (name = ID): Promise<string> => fetchModel(name, silent);

export async function expectParameters(folder: string): Promise<void> {
  const { parameters } = await loadModel(openCheckpoint(folder), unadapted);
  for (const { name, data } of tensors) expect(parameters.values(parameters.get(name))).toEqual(data);
}

/** The one line that fetching ends with. */
export async function refusal(name = ID): Promise<string> {
  const error: unknown = await fetched(name).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(InputError);
  const { message } = error as InputError;
  expect(message).not.toContain('\n');
  return message;
}
