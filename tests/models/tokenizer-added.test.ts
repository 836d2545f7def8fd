import { describe, expect, it } from '@jest/globals';
import fs from 'node:fs';
import path from 'node:path';
import { InputError } from '../../engine/errors.js';
import { loadTokenizer } from '../../models/tokenizer.js';
import { folderWith } from '../support/data-folder.js';

/** Of one folder, by transformers: its files beside the vocabulary, the ids of its added tokens, those of the texts. */
interface Case {
  readonly files: Readonly<Record<string, object>>;
  readonly added: Readonly<Record<string, number>>;
  readonly special: readonly string[];
  readonly pad: number | null;
  readonly ids: readonly number[][];
}

/** Made by scripts/added-tokens.py. */
interface Fixture {
  readonly texts: readonly string[];
  readonly 'tokenizer.model': string;
  readonly 'vocab.json': string;
  readonly 'merges.txt': string;
  readonly cases: Readonly<Record<Family, Readonly<Record<string, Case>>>>;
}

type Family = 'llama' | 'roberta' | 'opt';

const fixture = JSON.parse(fs.readFileSync(path.join(import.meta.dirname, 'fixtures/added-tokens.json'), 'utf8')) as Fixture;
const sentencePiece = { 'tokenizer.model': Buffer.from(fixture['tokenizer.model'], 'base64') };
const byteLevel = { 'vocab.json': fixture['vocab.json'], 'merges.txt': fixture['merges.txt'] };
const vocabularies = { llama: sentencePiece, roberta: byteLevel, opt: byteLevel };

describe.each(Object.keys(vocabularies) as Family[])('a folder of %s without tokenizer.json is read as transformers reads it', (family) => {
  it.each(Object.entries(fixture.cases[family]))('%s', (_, { files, added, special, pad, ids }) => {
    const tokenizer = loadTokenizer(folderWith({ ...vocabularies[family], ...files }));
    expect(Object.fromEntries(tokenizer.addedTokens.map(({ content, id }) => [content, id]))).toEqual(added);
    expect(tokenizer.padId ?? null).toBe(pad);
    expect(fixture.texts.map((text) => tokenizer.encode(text))).toEqual(ids);
    for (const [content, id] of Object.entries(added)) {
      expect(tokenizer.decode([id], { specialTokens: false }) === '').toBe(special.includes(content));
    }
  });
});

it('an id behind a gap is kept, for its row was trained there, and named tokens come behind it', () => {
  const files = { ...byteLevel, 'config.json': { model_type: 'roberta' } };
  const tokenizer = loadTokenizer(
    folderWith({ ...files, 'added_tokens.json': { '<new>': 300 }, 'special_tokens_map.json': { additional_special_tokens: ['<a>'] } }),
  );
  expect([tokenizer.tokenId('<new>'), tokenizer.tokenId('<a>'), tokenizer.vocabularySize]).toEqual([300, 301, 302]);
  expect(tokenizer.encode('<new><a>', { specialTokens: false })).toEqual([300, 301]);
});

it('a prefix space that is null is the usual one', () => {
  const encode = (files: Record<string, object>) => fixture.texts.map((text) => loadTokenizer(folderWith(files)).encode(text));
  expect(encode({ ...sentencePiece, 'tokenizer_config.json': { add_prefix_space: null } })).toEqual(encode(sentencePiece));
});

describe('files that cannot be meant are refused in one line that says where', () => {
  const token = { content: '<new>' };
  const cases: [string, Record<string, object>, RegExp][] = [
    ['a list for added_tokens.json', { 'added_tokens.json': ['<new>'] }, /added_tokens\.json is not a JSON object$/],
    ['a text for an id', { 'added_tokens.json': { '<new>': '270' } }, /added_tokens\.json: <new>: /],
    ['an id that no vocabulary has', { 'added_tokens.json': { '<new>': 4e9 } }, /added_tokens\.json: <new>: /],
    ['an id that is taken', { 'added_tokens.json': { '<new>': 5 } }, /added token "<new>" has the id 5, which is that of "<0x01>"$/],
    ['two with one id', { 'added_tokens.json': { '<a>': 300, '<b>': 300 } }, /added token "<b>" has the id 300, which is that of "<a>"$/],
    ['an added_tokens_decoder of texts', { 'tokenizer_config.json': { added_tokens_decoder: { 269: '<new>' } } }, /added_tokens_decoder/],
    ['a key that is no id', { 'tokenizer_config.json': { added_tokens_decoder: { new: token } } }, /added_tokens_decoder\.new: /],
    [
      'a flag that is none',
      { 'tokenizer_config.json': { added_tokens_decoder: { 269: { ...token, lstrip: 'yes' } } } },
      /tokenizer_config\.json: added_tokens_decoder\.269\.lstrip: /,
    ],
    [
      'two files that contradict each other',
      { 'added_tokens.json': { '<a>': 300 }, 'tokenizer_config.json': { added_tokens_decoder: { 269: token } } },
      /added_tokens\.json: "<a>" with the id 300 is not so in added_tokens_decoder/,
    ],
    ['a number for a special token', { 'special_tokens_map.json': { pad_token: 3 } }, /special_tokens_map\.json: pad_token: is neither a/],
    ['a text for a list', { 'tokenizer_config.json': { additional_special_tokens: '<a>' } }, /additional_special_tokens: is no list of/],
    [
      'a text for add_prefix_space',
      { 'tokenizer_config.json': { add_prefix_space: 'false' } },
      /tokenizer_config\.json: add_prefix_space: /,
    ],
    ['a number for legacy', { 'tokenizer_config.json': { legacy: 0 } }, /tokenizer_config\.json: legacy: /],
  ];

  it.each(cases)('%s', (_, files, message) => {
    const folder = folderWith({ ...sentencePiece, ...files });
    const load = () => loadTokenizer(folder);
    expect(load).toThrow(InputError);
    expect(load).toThrow(message);
    expect(load).not.toThrow(/\n/);
  });
});
