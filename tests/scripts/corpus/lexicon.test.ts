import { describe, expect, test } from '@jest/globals';
import { DOMAINS } from '../../../scripts/corpus/domains.js';
import { POLAR_WORDS, VERDICTS } from '../../../scripts/corpus/lexicon.js';
import { polarWords } from './polar-words.js';

const positive = polarWords('positive');
const negative = polarWords('negative');

describe('the lexicon', () => {
  test('there are at least 70 words of each polarity', () => {
    expect(positive.size).toBeGreaterThanOrEqual(70);
    expect(negative.size).toBeGreaterThanOrEqual(70);
  });

  test('no word has two polarities or two strengths', () => {
    expect([...positive].filter((word) => negative.has(word))).toEqual([]);
    for (const table of [...Object.values(POLAR_WORDS), ...DOMAINS.map(({ adj }) => adj)]) {
      for (const { strong, mild } of Object.values(table)) expect(strong.filter((word) => mild.includes(word))).toEqual([]);
    }
  });

  test('verdict words are no polar words, so only verdicts teach their polarity', () => {
    for (const verdict of [...Object.keys(VERDICTS.positive), ...Object.keys(VERDICTS.negative)]) {
      expect(positive.has(verdict) || negative.has(verdict)).toBe(false);
    }
  });
});
