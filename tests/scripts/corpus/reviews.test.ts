import { describe, expect, test } from '@jest/globals';
import { DOMAINS } from '../../../scripts/corpus/domains.js';
import type { Polarity } from '../../../scripts/corpus/lexicon.js';
import { Random } from '../../../scripts/corpus/random.js';
import { REVIEW_OPENERS, REVIEW_TEMPLATES } from '../../../scripts/corpus/review-templates.js';
import { drawTopic, renderReview, reviewSentence } from '../../../scripts/corpus/reviews.js';
import { polarWords } from './polar-words.js';

const words = { positive: polarWords('positive'), negative: polarWords('negative') };

function render(template: string, polarity: Polarity, seed: number): string {
  const random = new Random(seed);
  return renderReview(random, template, { polarity, strength: random.chance(0.5) ? 'strong' : 'mild' }, drawTopic(random));
}

function polarityOf(word: string | undefined): Polarity | undefined {
  if (word === undefined) return undefined;
  if (words.positive.has(word)) return 'positive';
  return words.negative.has(word) ? 'negative' : undefined;
}

describe.each(['positive', 'negative'] as const)('a %s review sentence', (polarity) => {
  const other = polarity === 'positive' ? 'negative' : 'positive';
  const seeds = Array.from({ length: 20 }, (_, i) => i);

  test('says it with words of its polarity', () => {
    for (const seed of seeds) {
      const match = /^the \w+ of this \w+ (is|was) (?<adj>\w+)$/.exec(render('the {aspect} of this {work} {be} {adj}', polarity, seed));
      expect(polarityOf(match?.groups?.adj)).toBe(polarity);
    }
  });

  test('denies words of the other polarity', () => {
    for (const seed of seeds) {
      const match = /^the \w+ (is|was) neither (?<a>\w+) nor (?<b>\w+)$/.exec(
        render('the {aspect} {be} neither {~adj} nor {~adj}', polarity, seed),
      );
      expect(polarityOf(match?.groups?.a)).toBe(other);
      expect(polarityOf(match?.groups?.b)).toBe(other);
      expect(match?.groups?.a).not.toBe(match?.groups?.b);
    }
  });

  test('has its polarity in the clause after "but"', () => {
    for (const seed of seeds) {
      const match = /^i (?<a>\w+) the \w+ , but the \w+ (is|was) (?<b>\w+)$/.exec(
        render('i {~feeling} the {aspect} , but the {work} {be} {adj}', polarity, seed),
      );
      expect(polarityOf(match?.groups?.a)).toBe(other);
      expect(polarityOf(match?.groups?.b)).toBe(polarity);
    }
  });

  test('has 5 to 20 words, ends with a full stop and keeps one tense', () => {
    const random = new Random(1);
    for (let i = 0; i < 500; i++) {
      const sentence = reviewSentence(random, { polarity, strength: 'mild' }, drawTopic(random));
      const tokens = sentence.split(' ');
      expect(tokens.at(-1)).toBe('.');
      expect(tokens.filter((token) => /\w/.test(token)).length).toBeGreaterThanOrEqual(5);
      expect(tokens.length).toBeLessThanOrEqual(20);
      expect(tokens.includes('is') && tokens.includes('was')).toBe(false);
    }
  });
});

describe('review templates', () => {
  test('a template that denies or contrasts has a slot of the other polarity, a plain one has none', () => {
    expect(REVIEW_TEMPLATES.plain.filter((template) => template.includes('{~'))).toEqual([]);
    expect([...REVIEW_TEMPLATES.negated, ...REVIEW_TEMPLATES.contrast].filter((template) => !template.includes('{~'))).toEqual([]);
  });

  test('every template fills in every domain', () => {
    const random = new Random(1);
    for (const template of [...Object.values(REVIEW_TEMPLATES).flat(), ...REVIEW_OPENERS]) {
      for (const domain of DOMAINS) {
        const topic = { domain, work: random.pick(domain.work) };
        expect(renderReview(random, template, { polarity: 'negative', strength: 'mild' }, topic)).not.toMatch(/[{}]/);
      }
    }
  });

  test('an unknown slot is reported with its template', () => {
    expect(() => render('the {plot} works', 'positive', 1)).toThrow(/"the \{plot\} works": unknown slot \{plot\}/);
  });
});
