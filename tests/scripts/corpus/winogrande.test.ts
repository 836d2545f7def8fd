import { describe, expect, test } from '@jest/globals';
import type { WinoGrandeItem } from '../../../scripts/corpus/winogrande.js';
import { type Candidates, naiveBayes, rightOption, winogrande } from '../bundled.js';

const all = [...winogrande.train, ...winogrande.test];

/** What can be seen of an option without knowing what the opening and the ending say together. */
function candidates(item: WinoGrandeItem): Candidates {
  const [opening = '', ending = ''] = item.sentence.split('_');
  const features = (option: string, other: string): string[] => {
    const order = opening.indexOf(option) < opening.indexOf(other) ? 'first' : 'second';
    const kind = option.startsWith('the ') ? 'noun' : 'name';
    const words = opening.split(' ').flatMap((word) => [`${order} ${word}`, `${kind} ${word}`]);
    return [option, order, kind, `${order}${ending}`, `${kind}${ending}`, `${option}${ending}`, ...words];
  };
  const [right, wrong] = item.answer === '1' ? [item.option1, item.option2] : [item.option2, item.option1];
  return { right: features(right, wrong), wrong: features(wrong, right) };
}

describe('the generated WinoGrande', () => {
  test('has 1,600 and 1,000 items, no sentence twice', () => {
    expect([winogrande.train.length, winogrande.test.length]).toEqual([1600, 1000]);
    expect(new Set(all.map(({ sentence }) => sentence)).size).toBe(all.length);
  });

  test('twins share opening and options, and have opposite answers', () => {
    const firsts = all.filter(({ qID }) => qID.endsWith('-1'));
    const seconds = new Map(all.filter(({ qID }) => qID.endsWith('-2')).map((item) => [item.qID, item]));
    expect([firsts.length, seconds.size]).toEqual([all.length / 2, all.length / 2]);
    for (const { qID, sentence, option1, option2, answer } of firsts) {
      const twin = seconds.get(qID.replace(/1$/, '2'));
      expect(twin?.sentence.split('_')[0]).toBe(sentence.split('_')[0]);
      expect([twin?.option1, twin?.option2]).toEqual([option1, option2]);
      expect([answer, twin?.answer]).toEqual(['1', '2']);
    }
  });

  test.each([
    [/^(the \w+) lent money to (\w+) .* _ was rich/, 0],
    [/^(the \w+) lent money to (\w+) .* _ was poor/, 1],
    [/^(the \w+) owed money to (\w+) .* _ was rich/, 1],
    [/^(the \w+) ran slower than (\w+) .* _ won/, 1],
    [/^(the \w+) of .* was hidden behind (the \w+) .* _ was big/, 1],
    [/^(the \w+) of .* broke (the \w+) .* _ was too heavy/, 0],
    [/took (the \w+) and left (the \w+) .* _ was old/, 1],
  ])('%s is about name %i of it', (pattern, name) => {
    const matches = all.flatMap((item) => {
      const match = pattern.exec(item.sentence);
      return match ? [[rightOption(item), match[name + 1]]] : [];
    });
    expect(matches.length).toBeGreaterThan(3);
    for (const [right, expected] of matches) expect(right).toBe(expected);
  });

  test('neither the options, nor their order, nor the opening or the ending by itself tell the answer', () => {
    const accuracy = naiveBayes(winogrande.train.map(candidates), winogrande.test.map(candidates));
    expect(Math.abs(accuracy - 0.5)).toBeLessThan(0.08); // five standard errors of 1,000 items
  });

  test('half of the answers are option 1', () => {
    for (const items of [winogrande.train, winogrande.test]) {
      expect(items.filter(({ answer }) => answer === '1')).toHaveLength(items.length / 2);
    }
  });
});
