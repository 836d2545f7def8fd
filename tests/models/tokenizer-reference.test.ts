import { describe, expect, it } from '@jest/globals';
import fs from 'node:fs';
import path from 'node:path';
import { loadTokenizer } from '../../models/tokenizer.js';
import { type Tokenizer } from '../../models/tokenizer-interface.js';
import { folderWith } from '../support/data-folder.js';

interface Expected {
  readonly strings: readonly string[];
  readonly tokenizers: Readonly<Record<string, ExpectedOfOne>>;
}

/** In the order of the strings. Decoded are the ids without the template's special tokens; those in the text are kept. */
interface ExpectedOfOne {
  readonly ids: readonly number[][];
  readonly ids_without_special: readonly number[][];
  readonly decoded_without_special: readonly string[];
}

const shared = process.env.ZOBENCH_SHARED ?? path.join(import.meta.dirname, '../../../shared');
const reference = path.join(shared, 'tokenizers');
const expectedFile = path.join(reference, 'expected.json');
const isThere = fs.existsSync(expectedFile);
if (!isThere) console.warn(`skipped: the comparison with the reference's ids needs ${expectedFile} (or ZOBENCH_SHARED)`);
const expected = (isThere ? JSON.parse(fs.readFileSync(expectedFile, 'utf8')) : { strings: [], tokenizers: {} }) as Expected;
const describeReference = isThere ? describe : describe.skip;

const loaded = new Map<string, Tokenizer>();

/** A tokenizer of the reference's folder, loaded once. */
function ofReference(name: string): Tokenizer {
  const tokenizer = loaded.get(name) ?? loadTokenizer(path.join(reference, name));
  loaded.set(name, tokenizer);
  return tokenizer;
}

const TOKENIZERS = ['gpt2', 'roberta-base', 'llama', 'mistral-7b-v0.1', 'babyberta', '../models/TinyStories-656K'];

/** What differs, by the string: empty where nothing does. */
function mismatches<T>(strings: readonly unknown[], made: readonly T[], wanted: readonly T[] = []): object[] {
  return strings.flatMap((string, i) =>
    JSON.stringify(made[i]) === JSON.stringify(wanted[i]) ? [] : [{ string, made: made[i], wanted: wanted[i] }],
  );
}

describeReference.each(TOKENIZERS)('%s equals the reference', (name) => {
  const { strings, tokenizers } = expected;
  const of = tokenizers[name];

  it('in its ids, with special tokens and without', () => {
    const tokenizer = ofReference(name);
    const without = strings.map((text) => tokenizer.encode(text, { specialTokens: false }));
    expect(
      mismatches(
        strings,
        strings.map((text) => tokenizer.encode(text)),
        of?.ids,
      ),
    ).toEqual([]);
    expect(mismatches(strings, without, of?.ids_without_special)).toEqual([]);
  });

  it('in the text of its ids', () => {
    const tokenizer = ofReference(name);
    const ids = of?.ids_without_special ?? [];
    const decoded = ids.map((each) => tokenizer.decode(each));
    expect(mismatches(strings, decoded, of?.decoded_without_special)).toEqual([]);
  });
});

describeReference('the reference', () => {
  it('is compared as a whole: 168 strings and every tokenizer that it has', () => {
    expect(expected.strings).toHaveLength(168);
    expect(Object.keys(expected.tokenizers).sort()).toEqual([...TOKENIZERS].sort());
  });
});

describeReference('beyond the recorded strings', () => {
  // Ids and texts of this block: printed by the Python package tokenizers 0.23.2.
  it('U+0085 is white space and U+FEFF is not', () => {
    expect(ofReference('gpt2').encode("\u0085're<unk>")).toEqual([126, 227, 821, 27, 2954, 29]);
    expect(ofReference('gpt2').encode("\ufeff's0")).toEqual([171, 119, 123, 6, 82, 15]);
  });

  it('a capital sigma at the end of a word becomes the ordinary small one', () => {
    expect(ofReference('babyberta').encode('c\u03a3')).toEqual([3, 194, 116, 152, 4]);
  });

  it('bytes that are no UTF-8 become one replacement character each', () => {
    expect(ofReference('llama').decode([236, 114])).toBe('\ufffd\ufffd');
  });
});

describeReference('vocab.json with merges.txt', () => {
  const roberta = () =>
    folderWith({
      'config.json': { model_type: 'roberta' },
      'vocab.json': fs.readFileSync(path.join(reference, 'roberta-base/vocab.json'), 'utf8'),
      'merges.txt': fs.readFileSync(path.join(reference, 'roberta-base/merges.txt'), 'utf8'),
    });

  it("gives RoBERTa's ids", () => {
    const tokenizer = loadTokenizer(roberta());
    const of = expected.tokenizers['roberta-base'];
    expect(expected.strings.map((text) => tokenizer.encode(text))).toEqual(of?.ids);
    expect(of?.ids_without_special.map((ids) => tokenizer.decode(ids))).toEqual(of?.decoded_without_special);
  });

  it("gives OPT's: RoBERTa's vocabulary, and </s> before the text", () => {
    const tokenizer = ofReference('opt');
    const of = expected.tokenizers['roberta-base'];
    const plain = expected.strings.flatMap((text, i) => (/<\/?\w+>/.test(text) ? [] : [{ text, ids: of?.ids_without_special[i] ?? [] }]));
    expect(plain.map(({ text }) => tokenizer.encode(text))).toEqual(plain.map(({ ids }) => [2, ...ids]));
    expect(plain.map(({ ids }) => tokenizer.decode([2, ...ids], { specialTokens: false }))).toEqual(plain.map(({ text }) => text));
    expect([tokenizer.bosId, tokenizer.eosId, tokenizer.padId, tokenizer.vocabularySize]).toEqual([2, 2, 1, 50_265]);
  });
});

describeReference.each(['llama', 'mistral-7b-v0.1'])("%s's tokenizer.model alone", (name) => {
  const folder = (): string =>
    folderWith({
      'tokenizer.model': fs.readFileSync(path.join(reference, name, 'tokenizer.model')),
      'tokenizer_config.json': fs.readFileSync(path.join(reference, name, 'tokenizer_config.json')),
    });

  it('gives the ids and texts of its tokenizer.json', () => {
    const { strings, tokenizers } = expected;
    const of = tokenizers[name];
    const tokenizer = loadTokenizer(folder());
    const ids = strings.map((text) => tokenizer.encode(text));
    const decoded = (of?.ids_without_special ?? []).map((each) => tokenizer.decode(each));
    expect(mismatches(strings, ids, of?.ids)).toEqual([]);
    expect(mismatches(strings, decoded, of?.decoded_without_special)).toEqual([]);
    expect([tokenizer.bosId, tokenizer.eosId, tokenizer.padId, tokenizer.vocabularySize]).toEqual([1, 2, undefined, 32_000]);
  });
});
