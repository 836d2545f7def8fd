import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { InputError } from '../../engine/errors.js';
import { loadTokenizer } from '../../models/tokenizer.js';
import { folderWith } from '../support/data-folder.js';

function refusalOf(folder: string): string {
  try {
    loadTokenizer(folder);
  } catch (error) {
    if (error instanceof InputError) return error.message;
    throw error;
  }
  return 'no refusal';
}

/** GPT-2's alphabet: printable bytes stand for themselves, the rest are moved behind them. */
function byteAlphabet(): string[] {
  const isPrintable = (byte: number) => (byte >= 33 && byte <= 126) || (byte >= 161 && byte !== 173);
  let moved = 256;
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(isPrintable(byte) ? byte : moved++));
}

const numbered = (tokens: readonly string[]) => Object.fromEntries(tokens.map((token, id) => [token, id]));

const optVocabulary = numbered(['<s>', '<pad>', '</s>', '<unk>', ...byteAlphabet(), '\u0120a', 'ab', '\u0120ab']);
const optFiles = {
  'config.json': { model_type: 'opt' },
  'vocab.json': optVocabulary,
  'merges.txt': '#version: 0.2\n\u0120 a\na b\n\u0120a b\n',
};

const byteTokens = Array.from({ length: 256 }, (_, byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`);
const llamaDefinition = {
  added_tokens: ['<unk>', '<s>', '</s>'].map((content, id) => ({ id, content, special: true, normalized: true })),
  normalizer: {
    type: 'Sequence',
    normalizers: [
      { type: 'Prepend', prepend: '\u2581' },
      { type: 'Replace', pattern: { String: ' ' }, content: '\u2581' },
    ],
  },
  pre_tokenizer: null,
  post_processor: {
    type: 'TemplateProcessing',
    single: [{ SpecialToken: { id: '<s>', type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } }],
    pair: [],
    special_tokens: { '<s>': { id: '<s>', ids: [1], tokens: ['<s>'] } },
  },
  decoder: {
    type: 'Sequence',
    decoders: [
      { type: 'Replace', pattern: { String: '\u2581' }, content: ' ' },
      { type: 'ByteFallback' },
      { type: 'Fuse' },
      { type: 'Strip', content: ' ', start: 1, stop: 0 },
    ],
  },
  model: {
    type: 'BPE',
    unk_token: '<unk>',
    fuse_unk: true,
    byte_fallback: true,
    vocab: numbered(['<unk>', '<s>', '</s>', ...byteTokens, '\u2581', 'a', '\u2581a']),
    merges: ['\u2581 a'],
  },
};
const llamaFiles = { 'tokenizer.json': llamaDefinition, 'special_tokens_map.json': { bos_token: '<s>', eos_token: { content: '</s>' } } };

describe("a small tokenizer in OPT's files", () => {
  const tokenizer = loadTokenizer(folderWith(optFiles));
  const idOf = (token: string) => tokenizer.tokenId(token);

  it('merges in the order of merges.txt after </s>', () => {
    expect(tokenizer.encode('ab ab')).toEqual([2, idOf('ab'), idOf('\u0120ab')]);
    expect(tokenizer.encode('ab ab', { specialTokens: false })).toEqual([idOf('ab'), idOf('\u0120ab')]);
  });

  it('knows </s> and <pad> in the text, and leaves them out of decoded text on request', () => {
    const ids = tokenizer.encode('ab</s><pad>', { specialTokens: false });
    expect(ids).toEqual([idOf('ab'), 2, 1]);
    expect([tokenizer.decode(ids), tokenizer.decode(ids, { specialTokens: false })]).toEqual(['ab</s><pad>', 'ab']);
  });

  it('leaves ids without a token out of the text', () => {
    expect(tokenizer.decode([tokenizer.vocabularySize, ...tokenizer.encode('a', { specialTokens: false }), 1e6])).toBe('a');
  });

  it('brings every text back', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(tokenizer.decode(tokenizer.encode(text), { specialTokens: false })).toBe(text);
      }),
    );
  });
});

describe("a small tokenizer in Llama's file", () => {
  const tokenizer = loadTokenizer(folderWith(llamaFiles));
  const bytes = (...values: number[]) => values.map((value) => value + 3);

  it('takes the special ids from the files that name them', () => {
    expect([tokenizer.bosId, tokenizer.eosId, tokenizer.padId]).toEqual([1, 2, undefined]);
    const withIds = folderWith({ ...llamaFiles, 'config.json': { bos_token_id: 7, pad_token_id: 0, eos_token_id: -1 } });
    const { bosId, eosId, padId } = loadTokenizer(withIds);
    expect([bosId, eosId, padId]).toEqual([1, 2, 0]);
  });

  it('writes the space of a special token that was recognised with it', () => {
    const ids = tokenizer.encode('a </s> a', { specialTokens: false });
    expect(ids.filter((id) => id === 2)).toHaveLength(1);
    expect(tokenizer.decode(ids)).toBe('a </s> a');
  });

  it('decodes valid bytes as UTF-8, a byte order mark included, and an invalid run byte by byte', () => {
    expect(tokenizer.decode(bytes(0xef, 0xbb, 0xbf, 0xc3, 0xa9))).toBe('\ufeff\u00e9');
    expect(tokenizer.decode(bytes(0x41, 0xc3))).toBe('\ufffd\ufffd');
  });

  it('brings every text back', () => {
    const text = fc.string({ unit: 'binary' }).filter((candidate) => !candidate.includes('\u2581'));
    fc.assert(
      fc.property(text, (original) => {
        expect(tokenizer.decode(tokenizer.encode(original), { specialTokens: false })).toBe(original);
      }),
    );
  });
});

describe('a folder without a usable tokenizer is refused in one line', () => {
  const cases: [string, Record<string, object | string>, RegExp][] = [
    ['no files', {}, /has no tokenizer: neither tokenizer\.json nor vocab\.json with merges\.txt nor tokenizer\.model$/],
    ['an empty tokenizer.model', { 'tokenizer.model': '' }, /tokenizer\.model: pieces: /],
    ['a tokenizer.model that is none', { 'tokenizer.model': '\xff\xff\xff' }, /tokenizer\.model is no SentencePiece model: /],
    [
      // One piece "a"; the trainer's model type is 1.
      'a tokenizer.model that is a unigram model',
      { 'tokenizer.model': '\x0a\x03\x0a\x01a\x12\x02\x18\x01' },
      /tokenizer\.model: trainer_spec\.model_type: is not a byte-pair encoding$/,
    ],
    ['broken JSON', { 'tokenizer.json': '{"model"' }, /tokenizer\.json is not a JSON object \(/],
    ['no model', { 'tokenizer.json': {} }, /tokenizer\.json: model: /],
    ['an added token without id', { 'tokenizer.json': { model: {}, added_tokens: [{ content: 'x' }] } }, /added_tokens\.0\.id: /],
    [
      'a component that nobody knows',
      { 'tokenizer.json': { ...llamaDefinition, decoder: { type: 'Ouija' } } },
      /tokenizer\.json is no tokenizer that can be used: Unknown Decoder type: Ouija$/,
    ],
    ['a vocabulary of unknown family', { ...optFiles, 'config.json': {} }, /model_type is opt or roberta$/],
    ['a vocabulary with a token for an id', { ...optFiles, 'vocab.json': { a: 'b' } }, /vocab\.json: the ids of its tokens: a: /],
    ['a vocabulary without </s>', { ...optFiles, 'vocab.json': { '<pad>': 1 } }, /vocab\.json lacks the special token <\/s>$/],
    ['a merge of three', { ...optFiles, 'merges.txt': '#version: 0.2\na b\na b c\n' }, /merges\.txt, line 3: a merge is two tokens/],
  ];

  it.each(cases)('%s', (_, files, message) => {
    const refusal = refusalOf(folderWith(files));
    expect(refusal).toMatch(message);
    expect(refusal).not.toContain('\n');
  });
});
