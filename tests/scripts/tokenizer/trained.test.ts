import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { Tokenizer } from '@huggingface/tokenizers';
import fc from 'fast-check';
import { corpusDocuments } from '../../../scripts/corpus/documents.js';
import { generateSst2 } from '../../../scripts/corpus/sst2.js';
import { VOCABULARY_SIZE } from '../../../scripts/new-models.js';
import { OPT_SPECIALS, trainByteLevelBpe } from '../../../scripts/tokenizer/byte-level.js';
import { LLAMA_SPECIALS, trainLlamaBpe } from '../../../scripts/tokenizer/llama.js';
import { trainRobertaBpe } from '../../../scripts/tokenizer/roberta.js';
import { sharedFolder } from '../../support/shared.js';

const documents = [...corpusDocuments({ count: 3000 })];
const sentences = generateSst2(1)
  .test.slice(0, 200)
  .map(({ sentence }) => sentence);

describe.each([
  { name: 'byte-level', train: trainByteLevelBpe, specials: OPT_SPECIALS, start: '</s>', space: 'Ġ' },
  { name: 'llama', train: trainLlamaBpe, specials: LLAMA_SPECIALS, start: '<s>', space: '▁' },
])('a trained $name tokenizer', ({ train, specials, start, space }) => {
  const json = train(documents, VOCABULARY_SIZE);
  const tokenizer = new Tokenizer(json, {});
  const encode = (text: string) => tokenizer.encode(text, { add_special_tokens: true }).ids;
  const tokensOf = (ids: readonly number[]) => ids.map((id) => tokenizer.id_to_token(id) ?? `no token ${id}`);

  test('has the asked number of tokens with ids from 0, specials first', () => {
    const ids = Object.values(json.model.vocab);
    expect([...ids].sort((a, b) => a - b)).toEqual(Array.from({ length: VOCABULARY_SIZE }, (_, id) => id));
    specials.forEach((special, id) => expect(tokenizer.token_to_id(special)).toBe(id));
  });

  test('is the same for the same text', () => {
    expect(train(documents, VOCABULARY_SIZE)).toEqual(json);
  });

  test('every merge joins known tokens to a known token', () => {
    const known: boolean[] = [];
    for (const merge of json.model.merges) {
      for (const token of [...merge.split(' '), merge.replace(' ', '')]) known.push(token in json.model.vocab);
    }
    expect(known).not.toContain(false);
  });

  test('the prompt and its candidates are single tokens', () => {
    const tokens = tokensOf(encode('the film is never good . It was great'));
    const words = ['Ġfilm', 'Ġis', 'Ġnever', 'Ġgood', 'Ġ.', 'ĠIt', 'Ġwas', 'Ġgreat'].map((token) => token.replace('Ġ', space));
    expect(tokens[0]).toBe(start);
    expect(tokens.slice(2)).toEqual(words);
    expect(tokensOf(encode('. It was terrible')).at(-1)).toBe(`${space}terrible`);
  });

  test('a line break is a token of its own, at which an answer ends', () => {
    const tokens = tokensOf(encode('Answer: nina\nQuestion: who'));
    expect(tokens.filter((token) => ['Ċ', '<0x0A>'].includes(token))).toHaveLength(1);
    expect(Object.keys(json.model.vocab).filter((token) => token.length > 1 && /[\nĊ]/.test(token))).toEqual([]);
  });

  test('sentences of the world and any other text survive the round trip', () => {
    const roundTrip = (text: string) => tokenizer.decoder?.decode(tokensOf(encode(text).slice(1)));
    expect(sentences.map(roundTrip)).toEqual(sentences);
    fc.assert(fc.property(fc.string({ unit: 'grapheme', maxLength: 30 }), (text) => roundTrip(`x${text}x`) === `x${text}x`));
  });

  test('sentences of the world take fewer than two tokens per word', () => {
    const words = sentences.reduce((sum, sentence) => sum + sentence.split(' ').length, 0);
    const tokens = sentences.reduce((sum, sentence) => sum + encode(sentence).length - 1, 0);
    expect(tokens / words).toBeLessThan(2);
  });

  test('a vocabulary too small for the bytes and specials without the start token are refused', () => {
    expect(() => train(documents.slice(0, 5), 200)).toThrow(/^vocabSize 200: give at least 2\d\d/);
    expect(() => train(documents.slice(0, 5), 320, ['<unk>'])).toThrow(`tokenizer specials <unk>: add ${start}, which starts every text`);
  });
});

describe("a trained tokenizer of RoBERTa's", () => {
  const json = trainRobertaBpe(documents, VOCABULARY_SIZE);
  const tokenizer = new Tokenizer(json, {});
  const encode = (text: string) => tokenizer.encode(text, { add_special_tokens: true }).ids;
  const tokensOf = (ids: readonly number[]) => ids.map((id) => tokenizer.id_to_token(id) ?? `no token ${id}`);

  test('has the asked number of tokens with ids from 0, the mask last', () => {
    const ids = Object.values(json.model.vocab);
    expect([...ids].sort((a, b) => a - b)).toEqual(Array.from({ length: VOCABULARY_SIZE }, (_, id) => id));
    const special = ['<s>', '<pad>', '</s>', '<unk>', '<mask>'].map((token) => tokenizer.token_to_id(token));
    expect(special).toEqual([0, 1, 2, 3, VOCABULARY_SIZE - 1]);
  });

  test('puts <s> and </s> around a text; the mask takes the space before it along and stands for a word with its space', () => {
    const tokens = tokensOf(encode('the film is bad . It was <mask>.'));
    expect(tokens[0]).toBe('<s>');
    expect(tokens.slice(-5)).toEqual(['ĠIt', 'Ġwas', '<mask>', '.', '</s>']);
    expect(encode('It was<mask>.')).toEqual(encode('It was <mask>.'));
    for (const word of [' great', ' terrible']) expect(tokenizer.encode(word, { add_special_tokens: false }).ids).toHaveLength(1);
  });

  const reference = join(sharedFolder, 'tokenizers/roberta-base/tokenizer.json');
  const withReference = existsSync(reference) ? test : test.skip;
  withReference(`is put together as the published one is (needs ${reference})`, () => {
    interface Definition {
      pre_tokenizer: object;
      post_processor: object;
      added_tokens: { content: string; lstrip: boolean; rstrip: boolean; single_word: boolean; special: boolean }[];
    }
    const published = JSON.parse(readFileSync(reference, 'utf8')) as Definition;
    const added = ({ added_tokens: tokens }: Pick<Definition, 'added_tokens'>) =>
      tokens.map(({ content, lstrip, rstrip, single_word, special }) => ({ content, lstrip, rstrip, single_word, special }));
    expect(added({ added_tokens: [...json.added_tokens] })).toEqual(added(published));
    expect(json.post_processor).toEqual(published.post_processor);
    expect(json.pre_tokenizer).toEqual(published.pre_tokenizer);
  });
});
