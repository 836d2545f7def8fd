import { describe, expect, test } from '@jest/globals';
import { exactMatch, tokenF1 } from '../../tasks/index.js';
import { answerWords } from '../../tasks/token-f1.js';

describe('the words of an answer', () => {
  test.each([
    ['The Eiffel Tower', ['eiffel', 'tower']],
    ['An apple,  a pear\tand the\nrest.', ['apple', 'pear', 'and', 'rest']],
    // Punctuation goes without leaving a space, and goes first: what is left may be an article.
    ["U.S.A.'s co-operation", ['usas', 'cooperation']],
    ['"A." or (the)', ['or']],
    ['theatre another an', ['theatre', 'another']],
    // Python's \b knows letters beyond ASCII: no article stands alone here.
    ['ña año 24½ €5', ['ña', 'año', '24½', '€5']],
    ['Beyoncé – “Halo”', ['beyoncé', '–', '“halo”']],
    ['the', []],
    ['', []],
  ])('%j', (text, words) => {
    expect(answerWords(text)).toEqual(words);
  });
});

describe('F1 and exact match', () => {
  test.each([
    // Worked by hand: 2 common / (words said + words right).
    { said: 'Denver Broncos', golds: ['Denver Broncos', 'The Denver Broncos'], f1: 1, exact: true },
    { said: 'the Denver Broncos team', golds: ['Denver Broncos'], f1: (2 * 2) / (3 + 2), exact: false },
    { said: 'Saint Bernadette', golds: ['Saint Bernadette Soubirous'], f1: (2 * 2) / (2 + 3), exact: false },
    { said: 'Soubirous Bernadette', golds: ['Bernadette Soubirous'], f1: 1, exact: false },
    // Words count as often as they occur.
    { said: 'no no no', golds: ['no'], f1: (2 * 1) / (3 + 1), exact: false },
    { said: 'no no', golds: ['no no yes'], f1: (2 * 2) / (2 + 3), exact: false },
    // The best of the gold answers.
    { said: 'in 1861', golds: ['1861 to 1865', '1861'], f1: (2 * 1) / (2 + 1), exact: false },
    { said: 'Paris', golds: ['London'], f1: 0, exact: false },
    { said: '', golds: ['London'], f1: 0, exact: false },
  ])('of $said where $golds are right', ({ said, golds, f1, exact }) => {
    expect(tokenF1(said, golds)).toBeCloseTo(f1, 15);
    expect(exactMatch(said, golds)).toBe(exact);
  });
});
