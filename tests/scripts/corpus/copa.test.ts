import { describe, expect, test } from '@jest/globals';
import { CAUSES_AND_EFFECTS } from '../../../scripts/corpus/everyday-events.js';
import { copa, naiveBayes, otherChoice, rightChoice } from '../bundled.js';

const words = (sentence: string): string[] => sentence.replace(/ ?\.$/, '').split(' ');
const all = [...copa.train, ...copa.test];

/** The number of the cause and effect that a sentence renders, as far as its fixed words tell. */
function pairsOf(sentence: string, side: 0 | 1): number[] {
  return CAUSES_AND_EFFECTS.flatMap((pair, index) => {
    const pattern = pair[side].replaceAll(/\{[AB]\}/g, '\\w+(?: (?:the|from) \\w+)?').replaceAll(/\{\w+\}/g, '\\w+');
    return new RegExp(`^${pattern} ?\\.$`).test(sentence) ? [index] : [];
  });
}

describe('the generated COPA', () => {
  test('has 1,600 and 1,000 items, numbered, none twice', () => {
    expect([copa.train.length, copa.test.length]).toEqual([1600, 1000]);
    for (const items of [copa.train, copa.test]) expect(items.map(({ idx }) => idx)).toEqual(items.map((_, index) => index));
    const keys = all.map(({ premise, choice1, choice2 }) => [premise, ...[choice1, choice2].sort()].join());
    expect(new Set(keys).size).toBe(all.length);
  });

  test('the right choice is the cause or the effect of the premise, the other one that of something else', () => {
    for (const item of all) {
      const asked = item.question === 'cause' ? 0 : 1;
      const given = pairsOf(item.premise, asked === 0 ? 1 : 0);
      expect(given).toHaveLength(1);
      expect(pairsOf(rightChoice(item), asked)).toEqual(given);
      expect(pairsOf(otherChoice(item), asked)).not.toEqual(given);
    }
  });

  test('labels are balanced, and so is each choice', () => {
    for (const items of [copa.train, copa.test]) {
      expect(items.filter(({ label }) => label === 1)).toHaveLength(items.length / 2);
      expect(items.map(rightChoice).sort()).toEqual(items.map(otherChoice).sort());
    }
  });

  test('the choices alone do not tell the answer', () => {
    const candidates = copa.train.map((item) => ({ right: words(rightChoice(item)), wrong: words(otherChoice(item)) }));
    const unseen = copa.test.map((item) => ({ right: words(rightChoice(item)), wrong: words(otherChoice(item)) }));
    expect(naiveBayes(candidates, unseen)).toBe(0.5); // exactly: each pair of choices is asked about twice
  });

  test('half of the questions are for the cause', () => {
    const share = all.filter(({ question }) => question === 'cause').length / all.length;
    expect(Math.abs(share - 0.5)).toBeLessThan(0.07); // five standard errors of 1,300 draws
  });
});
