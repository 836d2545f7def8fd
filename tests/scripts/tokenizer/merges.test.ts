import { describe, expect, test } from '@jest/globals';
import { countPieces, learnMerges, mergedToken } from '../../../scripts/tokenizer/merges.js';

describe('learnMerges', () => {
  test('follows the worked example of Sennrich et al. 2016', () => {
    const words = new Map(Object.entries({ low_: 5, lower_: 2, newest_: 6, widest_: 3 }));
    // their order, but for ties, which go to the first pair in code unit order
    expect(learnMerges(words, 6)).toEqual(['e s', 'es t', 'est _', 'l o', 'lo w', 'e w']);
  });

  test('counts overlapping pairs of one letter as merging does', () => {
    expect(learnMerges(new Map([['aaaa', 1]]), 2)).toEqual(['a a', 'aa aa']);
  });

  test('a pair gained by merging is counted at once', () => {
    expect(
      learnMerges(
        new Map([
          ['abab', 3],
          ['bc', 4],
        ]),
        2,
      ),
    ).toEqual(['a b', 'b c']);
  });

  test('a text with too few pairs is reported', () => {
    expect(() => learnMerges(new Map([['ab', 1]]), 2)).toThrow(
      'the text gives only 1 of 2 merged tokens; give more text or a smaller vocabSize',
    );
  });

  test('a merge names its token', () => {
    expect(mergedToken('Ġ t')).toBe('Ġt');
  });
});

test('countPieces adds up over texts', () => {
  expect(countPieces(['a b', 'b'], (text) => text.split(' '))).toEqual(
    new Map([
      ['a', 1],
      ['b', 2],
    ]),
  );
});
