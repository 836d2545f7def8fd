import { describe, expect, test } from '@jest/globals';
import { COMPARISONS, comparisonSentence, comparisonSentences, tellComparison } from '../../../scripts/corpus/comparisons.js';
import { Random } from '../../../scripts/corpus/random.js';
import { drawScene } from '../../../scripts/corpus/scene.js';

describe('comparisons', () => {
  test('an ending changes whom it is about with the opening, and an opening with the ending', () => {
    const scene = new Map([...drawScene(new Random(1)), ['A', 'anna'], ['job', 'nurse']]);
    const money = COMPARISONS.find(({ endings }) => endings.includes('was rich'));
    if (!money) throw new Error('no comparison is about money');
    const told = ([opening, ending]: readonly [0 | 1, 0 | 1]) => comparisonSentence(tellComparison(money, [opening, ending], scene));
    expect(told([0, 0])).toBe('the nurse lent money to anna because the nurse was rich .');
    expect(told([0, 1])).toBe('the nurse lent money to anna because anna was poor .');
    expect(told([1, 0])).toBe('the nurse owed money to anna because anna was rich .');
    expect(told([1, 1])).toBe('the nurse owed money to anna because the nurse was poor .');
  });

  test('every opening and every ending occurs in one comparison only, and openings name both who are compared', () => {
    const said = COMPARISONS.flatMap(({ openings, endings }) => [...openings, ...endings]);
    expect(new Set(said).size).toBe(said.length);
    for (const { between, openings } of COMPARISONS) {
      for (const opening of openings) for (const slots of between) expect(opening).toContain(slots);
    }
  });

  test('a document compares in different ways', () => {
    const sentences = comparisonSentences(new Random(3), 5);
    expect(new Set(sentences).size).toBe(5);
    for (const sentence of sentences) expect(sentence).toMatch(/ (because|, so) .* \.$/);
  });
});
