import { describe, expect, test } from '@jest/globals';
import type { SquadFile } from '../../../scripts/corpus/squad.js';
import { PEOPLE } from '../../../scripts/corpus/everyday-words.js';
import { bundledModelFolder, loadTokenizer } from '../../../models/index.js';
import { paragraphsOf, sentencesIn, squad } from '../bundled.js';

const paragraphs = [...paragraphsOf(squad.train), ...paragraphsOf(squad.test)];
const itemsOf = (file: SquadFile) => paragraphsOf(file).flatMap(({ context, qas }) => qas.map((qa) => ({ context, ...qa })));
const [train, tested] = [itemsOf(squad.train), itemsOf(squad.test)];
const answerOf = ({ answers }: { answers: readonly { text: string }[] }): string => answers[0]?.text ?? '';
const most = (values: readonly string[]): number =>
  Math.max(...[...new Set(values)].map((value) => values.filter((other) => other === value).length)) / values.length;

describe('the generated SQuAD', () => {
  test('has 1,600 and 1,000 questions with ids of their own, none asked twice of a context', () => {
    expect([train.length, tested.length]).toEqual([1600, 1000]);
    expect(new Set([...train, ...tested].map(({ id }) => id)).size).toBe(2600);
    expect(new Set([...train, ...tested].map(({ context, question }) => context + question)).size).toBe(2600);
  });

  test('an answer stands in the context where the file says, as whole words', () => {
    for (const { context, answers } of [...train, ...tested]) {
      expect(answers).toHaveLength(1);
      for (const { text, answer_start } of answers) {
        expect(` ${context} `.slice(answer_start, answer_start + text.length + 2)).toBe(` ${text} `);
      }
    }
  });

  test.each([
    [/(\w+) bought an? (\w+) (\w+) in (\w+) \./, 'what color was the {3} ?', '{2}'],
    [/(\w+) bought an? (\w+) (\w+) in (\w+) \./, 'where did {1} buy the {3} ?', 'in {4}'],
    [/(\w+) gave (\w+) coins to (\w+) \./, 'who got the coins ?', '{3}'],
    [/(\w+) gave (\w+) coins to (\w+) \./, 'how many coins did {3} get ?', '{2} coins'],
    [/the (\w+) was fed by (\w+) near the (\w+) \./, 'who fed the {1} ?', '{2}'],
    [/(\w+) works as a (\w+) for (\w+) \./, 'for whom does {1} work ?', 'for {3}'],
    [/(\w+) hid the (\w+) under the (\w+) on a (\w+) (\w+) \./, 'when did {1} hide the {2} ?', 'on a {4} {5}'],
  ])('after %s, "%s" is answered with "%s"', (pattern, question, answer) => {
    const filled = (text: string, match: readonly string[]): string =>
      text.replaceAll(/\{(\d)\}/g, (_, group) => match[Number(group)] ?? '');
    const pairs = [...train, ...tested].flatMap((item) => {
      const match = pattern.exec(item.context);
      return match && filled(question, match) === item.question ? [[answerOf(item), filled(answer, match)]] : [];
    });
    expect(pairs.length).toBeGreaterThan(10);
    for (const [given, expected] of pairs) expect(given).toBe(expected);
  });

  test('every question has one answer: nobody and nothing is told of in two sentences of a context', () => {
    const ordinary = new Set('a an the bought in gave coins to was fed by near works as for hid under on'.split(' '));
    for (const { context } of paragraphs) {
      const told = sentencesIn(context).flatMap((sentence) => sentence.replace('.', '').split(' '));
      const words = told.filter((word) => !ordinary.has(word));
      expect(new Set(words).size).toBe(words.length);
    }
  });

  test('no answer is frequent, and answers are in the first, second and third sentence alike', () => {
    expect(most(tested.map(answerOf))).toBeLessThan(0.1);
    const places = tested.map(({ context, answers }) => context.slice(0, answers[0]?.answer_start).split(' . ').length);
    for (const place of [1, 2, 3]) {
      const share = places.filter((other) => other === place).length / places.length;
      expect(Math.abs(share - 1 / 3)).toBeLessThan(0.08); // five standard errors of 1,000 questions
    }
  });

  test('who is asked for cannot be known without the question', () => {
    const names = new Set<string>(PEOPLE.map(({ name }) => name));
    const places = tested.flatMap((item) => {
      const people = item.context.split(' ').filter((word) => names.has(word));
      return names.has(answerOf(item)) ? [people.indexOf(answerOf(item)).toString()] : [];
    });
    expect(places.length).toBeGreaterThan(200);
    expect(most(places)).toBeLessThan(0.45); // of three or four names
  });

  test("a prompt with its answer takes less than 160 of a mini model's tokens", () => {
    const tokenizer = loadTokenizer(bundledModelFolder('opt-mini'));
    const lengths = tested.map(
      ({ context, question }) => tokenizer.encode(`Title: a sunny afternoon\nContext: ${context}\nQuestion: ${question}\nAnswer:`).length,
    );
    expect(Math.max(...lengths)).toBeLessThan(150); // an answer has at most five words
  });
});
