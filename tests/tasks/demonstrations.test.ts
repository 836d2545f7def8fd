import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { demonstrate, drawDemonstrations, encodeExample, newTokens, type Example } from '../../tasks/index.js';
import { wordTokenizer } from '../support/word-tokenizer.js';

const review = (text: string, answer: number): Example => ({ prompt: `${text} It was`, candidates: [' terrible', ' great'], answer });
const train = Array.from({ length: 50 }, (_, index) => review(`Film ${index} .`, index % 2));

describe('demonstrations', () => {
  test('are training items with their right answers, different ones with another seed', () => {
    const drawn = drawDemonstrations(train, 32, 1);
    expect(new Set(drawn).size).toBe(32);
    for (const text of drawn) {
      const [, index, answer] = /^Film (\d+) \. It was (terrible|great)$/.exec(text) ?? [];
      expect(answer).toBe(Number(index) % 2 === 0 ? 'terrible' : 'great');
    }
    expect(drawDemonstrations(train, 32, 1)).toEqual(drawn);
    expect(drawDemonstrations(train, 32, 2)).not.toEqual(drawn);
    expect(drawDemonstrations(train, 80, 1)).toHaveLength(50);
  });

  test('that are questions end with their answer, not with its line break', () => {
    const asked = { prompt: 'Question: who?\nAnswer:', candidates: [' he\n'], answer: 0, golds: ['he', 'him'] };
    expect(drawDemonstrations([asked], 1, 0)).toEqual(['Question: who?\nAnswer: he']);
  });

  test('stand before the prompt with an empty line between, the candidates behind it', () => {
    const { example, shots } = demonstrate(wordTokenizer(), ['A. It was great', 'B. It was terrible'], review('C .', 1), 100);
    expect(example).toEqual({ ...review('C .', 1), prompt: 'A. It was great\n\nB. It was terrible\n\nC . It was' });
    expect(shots).toBe(2);
  });
});

/** A text of so many words. */
const words = (count: number, word: string): string => Array<string>(count).fill(word).join(' ');

test('as many whole demonstrations as fit are kept, the last ones, and no item is cut for them', () => {
  const lengths = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(
      lengths,
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 16, max: 40 }),
      (own, asked, option, room) => {
        const demonstrations = own.map((count, index) => words(count, `d${index}`));
        const item: Example = { prompt: words(asked, 'q'), candidates: [` ${words(option, 'a')}`, ' b'], answer: 0 };
        // One token begins every text; a candidate's last one is not read.
        let [kept, used] = [0, 1 + asked + option - 1];
        while (kept < own.length && used + (own.at(-1 - kept) ?? 0) <= room) used += own.at(-1 - kept++) ?? 0;
        const { example, shots } = demonstrate(wordTokenizer(), demonstrations, item, room);
        expect(shots).toBe(kept);
        expect(example.prompt).toBe([...demonstrations.slice(own.length - kept), item.prompt].join('\n\n'));
        const { trunk, branches } = encodeExample(wordTokenizer(), example, { maxLength: room, vocabularySize: 1e6 });
        expect(trunk.length + Math.max(...branches.map(({ tokens }) => tokens.length - 1))).toBeLessThanOrEqual(room);
        expect(trunk).toHaveLength(used - (option - 1));
      },
    ),
  );
});

test('before a question they leave room for the answer that the model writes', () => {
  const room = 40;
  const asked: Example = { prompt: 'Question: who?\nAnswer:', candidates: [' he\n'], answer: 0, golds: ['he'] };
  // 3 tokens of the prompt and the first one leave 40 - 10 - 4 = 26.
  expect(newTokens(room)).toBe(10);
  const { shots } = demonstrate(wordTokenizer(), Array<string>(8).fill(words(5, 'd')), asked, room);
  expect(shots).toBe(5);
});

test('where the item alone is too long there are none, and it is cut as ever', () => {
  const long = review(words(60, 'long'), 0);
  expect(demonstrate(wordTokenizer(), ['A. It was great'], long, 30)).toEqual({ example: long, shots: 0 });
});
