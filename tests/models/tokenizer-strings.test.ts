import { describe, expect, it } from '@jest/globals';
import fs from 'node:fs';
import path from 'node:path';
import { crc32 } from 'node:zlib';
import { openTokenizer } from '../../models/tokenizer.js';
import { folderWith } from '../support/data-folder.js';

/** Made by scripts/tokenizer-reference.py, which also says what the ids of a text are. */
interface Fixture {
  readonly seed: number;
  readonly count: number;
  /** Of a text, in atoms. */
  readonly longest: number;
  /** Texts of one checksum. */
  readonly group: number;
  readonly atoms: readonly string[];
  readonly characters: string;
  readonly tokenizers: readonly { readonly name: string; readonly definition: object; readonly checksums: string }[];
}

const file = path.join(import.meta.dirname, 'fixtures/tokenizer-reference.json');
const fixture = JSON.parse(fs.readFileSync(file, 'utf8')) as Fixture;

function awkwardTexts({ seed, count, longest, atoms }: Fixture): string[] {
  let state = seed;
  const below = (bound: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state >>> 8) % bound;
  };
  return Array.from({ length: count }, () => Array.from({ length: 1 + below(longest) }, () => atoms[below(atoms.length)]).join(''));
}

const texts = awkwardTexts(fixture);

/** Two tokens for each character: before the end of a piece, and at it. */
const byCharacter = {
  type: 'BPE',
  merges: [],
  unk_token: '<unk>',
  end_of_word_suffix: '</w>',
  fuse_unk: false,
  vocab: Object.fromEntries(
    ['<unk>', ...Array.from(fixture.characters).flatMap((each) => [each, `${each}</w>`])].map((each, id) => [each, id]),
  ),
};

describe(`the Rust library's ids of ${fixture.count} awkward texts`, () => {
  it.each(fixture.tokenizers)('$name', ({ definition, checksums }) => {
    const tokenizer = openTokenizer(folderWith({ 'tokenizer.json': { model: byCharacter, ...definition } }));
    const groups = Array.from({ length: texts.length / fixture.group }, (_, i) => texts.slice(i * fixture.group, (i + 1) * fixture.group));
    const wrong = groups.flatMap((group, i) => {
      const ids = group.map((text) => tokenizer.encode(text));
      const checksum = crc32(ids.map(String).join('\n')).toString(16).padStart(8, '0');
      return checksum === checksums.slice(8 * i, 8 * (i + 1)) ? [] : [{ first: i * fixture.group, group, ids }];
    });
    expect(wrong.slice(0, 3)).toEqual([]);
  });
});

const refused: [string, object, RegExp][] = [
  ['scripts', { pre_tokenizer: { type: 'UnicodeScripts' } }, /the pre-tokenizer UnicodeScripts cannot be followed exactly$/],
  ['a normalizer of tables', { normalizer: { type: 'Precompiled', precompiled_charsmap: '' } }, /the normalizer Precompiled cannot be/],
  ['a normalizer within others', { normalizer: { type: 'Sequence', normalizers: [{ type: 'Nmt' }] } }, /the normalizer Nmt cannot be/],
  ['words of a prefix', { model: { ...byCharacter, continuing_subword_prefix: '##' } }, /BPE: continuing_subword_prefix: /],
  ['what is left to chance', { model: { ...byCharacter, dropout: 0.1 } }, /BPE: dropout: /],
  ['whole words', { model: { type: 'WordLevel', vocab: { a: 0 }, unk_token: 'a' } }, /the model WordLevel cannot be followed$/],
  ['a behavior that nobody knows', { pre_tokenizer: { type: 'Punctuation', behavior: 'Eaten' } }, /Punctuation: behavior: /],
  [
    'case that is ignored',
    { pre_tokenizer: { type: 'Split', pattern: { Regex: '(?i)ab' }, behavior: 'Isolated', invert: false } },
    /a pattern that ignores case cannot be followed: \(\?i\)ab$/,
  ],
  [
    'the first word where the beginning may be cut off',
    {
      normalizer: { type: 'Strip', strip_left: true, strip_right: false },
      pre_tokenizer: { type: 'Metaspace', replacement: '_', prepend_scheme: 'first' },
    },
    /Metaspace with prepend_scheme "first" cannot be followed behind a normalizer that may cut the beginning off$/,
  ],
];

describe('what cannot be followed is refused by its name', () => {
  it.each(refused)('%s', (_, change, message) => {
    const folder = folderWith({ 'tokenizer.json': { model: byCharacter, ...change } });
    expect(() => openTokenizer(folder)).toThrow(message);
  });
});
